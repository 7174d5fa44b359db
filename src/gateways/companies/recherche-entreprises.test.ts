import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createCompanySearch } from './recherche-entreprises.ts'

const open: Server[] = []

/** Starts a local server in place of recherche-entreprises.api.gouv.fr. @returns its base address */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

const SIRET = '41765432100018'
/** As in the documentation of the service, without fields that are not read. */
const establishment = {
  siret: SIRET,
  activite_principale: '47.26Z',
  adresse: '4 PLACE DE LA HALLE 63500 ISSOIRE',
  code_postal: '63500',
  commune: '63178',
  libelle_commune: 'ISSOIRE',
  etat_administratif: 'A',
  est_siege: false,
  latitude: '45.5443',
  longitude: '3.249',
  liste_enseignes: ['TABAC DE LA HALLE'],
  nom_commercial: null,
}
const company = {
  siren: SIRET.slice(0, 9),
  nom_complet: 'SNC DURAND (TABAC DE LA HALLE)',
  nom_raison_sociale: 'SNC DURAND',
  activite_principale: '47.26Z',
  siege: { ...establishment, siret: '41765432100026', commune: '63113' },
  matching_etablissements: [establishment],
}
const answering =
  (...results: object[]): RequestListener =>
  (_request, response) =>
    response
      .setHeader('content-type', 'application/json; charset=utf-8')
      .end(JSON.stringify({ results, total_results: results.length, page: 1, per_page: 5, total_pages: 1 }))

test('sends the documented request and reads the establishment, not the head office', async () => {
  const asked: string[] = []
  const base = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answering(company)(request, response)
  })
  const registry = createCompanySearch(`${base}/`)
  const answer = {
    kind: 'open',
    business: {
      siret: SIRET,
      name: 'TABAC DE LA HALLE',
      naf: '47.26Z',
      naf2025: null,
      communeCode: '63178',
      address: '4 PLACE DE LA HALLE',
      postalCode: '63500',
      point: { latitude: 45.5443, longitude: 3.249 },
    },
  }
  expect(await registry.find(SIRET)).toEqual(answer)
  // The second lookup, when the business is saved, uses the cache.
  expect(await registry.find(SIRET)).toEqual(answer)
  expect(asked).toEqual([
    `GET /search?page=1&q=${SIRET}&per_page=5&minimal=true&include=siege%2Cmatching_etablissements`,
  ])
})

test('searches by name: open establishments of the départements, each once', async () => {
  const asked: string[] = []
  const base = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const closed = { ...establishment, siret: '1', etat_administratif: 'F' }
    const elsewhere = { ...establishment, siret: '2', commune: '39300' }
    const found = { ...company, matching_etablissements: [closed, elsewhere, establishment] }
    answering(found, found)(request, response)
  })
  expect(
    await createCompanySearch(base).search('tabac halle', { departements: ['63', '43'], commune: null }),
  ).toMatchObject([{ siret: SIRET, name: 'TABAC DE LA HALLE', communeCode: '63178' }])
  expect(asked).toEqual([
    'GET /search?page=1&q=tabac+halle&per_page=10&etat_administratif=A&departement=63%2C43&minimal=true&include=siege%2Cmatching_etablissements',
  ])
  const registry = createCompanySearch(base)
  expect(await registry.search('tabac halle', { departements: ['63'], commune: '39300' })).toMatchObject([
    { siret: '2' },
  ])
  expect(asked[1]).toContain('&code_commune=39300&')
  // A business that was found is saved without another request.
  expect(await registry.find('2')).toMatchObject({ kind: 'open' })
  expect(asked.length).toBe(2)
  const silent = await serve((_request, response) => response.writeHead(500).end())
  await expect(
    createCompanySearch(silent).search('tabac', { departements: [], commune: null }),
  ).rejects.toMatchObject({
    code: 'source_unreachable',
  })
})

test.each([
  // The establishment's codes count, and the company's fill what it lacks.
  [{ activite_principale_naf25: '47.26Y' }, {}, { naf: '47.26Z', naf2025: '47.26Y' }],
  [
    { activite_principale_naf25: '47.92H' },
    { activite_principale_naf25: '56.30Y' },
    { naf: '47.26Z', naf2025: '47.92H' },
  ],
  [{}, { activite_principale_naf25: '47.26Y' }, { naf: '47.26Z', naf2025: '47.26Y' }],
  // From 2027 the first field may change its meaning; what is not a code is none.
  [{ activite_principale: '47.26Y' }, {}, { naf: '47.26Z', naf2025: '47.26Y' }],
  [{ activite_principale: '[ND]' }, { activite_principale: '' }, { naf: null, naf2025: null }],
])('reads the codes of both classifications: %o of %o', async (own, of, codes) => {
  const base = await serve(
    answering({ ...company, ...of, matching_etablissements: [{ ...establishment, ...own }] }),
  )
  expect(await createCompanySearch(base).find(SIRET)).toMatchObject({ business: codes })
})

test('finds a head office as an establishment', async () => {
  const base = await serve(
    answering({
      ...company,
      siege: { ...establishment, liste_enseignes: null },
      matching_etablissements: [],
    }),
  )
  expect(await createCompanySearch(base).find(SIRET)).toMatchObject({
    kind: 'open',
    business: { name: 'SNC DURAND' },
  })
})

test('reports closed and unknown establishments', async () => {
  const closed = await serve(
    answering({ ...company, matching_etablissements: [{ ...establishment, etat_administratif: 'F' }] }),
  )
  expect(await createCompanySearch(closed).find(SIRET)).toEqual({ kind: 'closed' })
  for (const results of [[], [{ ...company, matching_etablissements: [] }]]) {
    const base = await serve(answering(...results))
    expect(await createCompanySearch(base).find(SIRET)).toEqual({ kind: 'unknown' })
  }
})

test('omits data that the owner keeps private', async () => {
  const hidden = { ...establishment, adresse: '[NON-DIFFUSIBLE]', liste_enseignes: null, latitude: '[ND]' }
  const base = await serve(answering({ ...company, siege: null, matching_etablissements: [hidden] }))
  expect(await createCompanySearch(base).find(SIRET)).toMatchObject({
    kind: 'open',
    business: { address: null, point: null },
  })
})

test('follows no redirect, which would take a SIRET elsewhere', async () => {
  const asked: string[] = []
  const elsewhere = await serve((request, response) => {
    asked.push(String(request.url))
    response.end('{}')
  })
  const base = await serve((request, response) =>
    response.writeHead(302, { location: `${elsewhere}${request.url}` }).end(),
  )
  await expect(createCompanySearch(base).find(SIRET)).rejects.toMatchObject({ code: 'source_unreachable' })
  expect(asked).toEqual([])
})

test('pauses after 429 for the requested time', async () => {
  let asked = 0
  let nowMs = 0
  const base = await serve((request, response) => {
    asked++
    if (asked === 1) response.writeHead(429, { 'retry-after': '3' }).end('{"erreur":"Too Many Requests"}')
    else answering(company)(request, response)
  })
  const registry = createCompanySearch(base, { nowMs: () => nowMs })
  await expect(registry.find(SIRET)).rejects.toMatchObject({ code: 'source_unreachable' })
  nowMs = 2999
  await expect(registry.find(SIRET)).rejects.toMatchObject({ code: 'source_unreachable' })
  expect(asked).toBe(1)
  nowMs = 3000
  expect(await registry.find(SIRET)).toMatchObject({ kind: 'open' })
})

describe('is unreachable', () => {
  const cases: [string, RequestListener][] = [
    ['when it answers with an error', (_request, response) => response.writeHead(503).end('busy')],
    ['when it refuses the request', (_request, response) => response.writeHead(400).end('{"erreur":"q"}')],
    ['when it does not answer in time', () => {}],
    ['when its response stops after the beginning', (_request, response) => response.write('{"results":')],
    ['when its response is not JSON', (_request, response) => response.end('<html>Maintenance</html>')],
    ['when its response has another shape', (_request, response) => response.end('{"results":{"a":1}}')],
    [
      'when its response exceeds the limit',
      (_request, response) => response.end(`"${'x'.repeat(2 * 1024 * 1024)}"`),
    ],
    ['when it closes the connection', (request) => request.socket.destroy()],
  ]
  test.each(cases)('%s', async (_name, listener) => {
    const base = await serve(listener)
    await expect(createCompanySearch(base, { timeoutMs: 200 }).find(SIRET)).rejects.toMatchObject({
      code: 'source_unreachable',
    })
  })

  test('except when the caller aborts', async () => {
    const base = await serve(() => {})
    const signal = AbortSignal.timeout(50)
    await expect(createCompanySearch(base).find(SIRET, signal)).rejects.toMatchObject({
      name: 'TimeoutError',
    })
  })
})
