import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { MAX_CONTOUR_MEGABYTES, readContours } from '../../territory/map/geojson.ts'
import { createGeoApi } from './geo-api.ts'

const open: Server[] = []

/** Starts a local server in place of geo.api.gouv.fr. @returns its base address */
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

const answer = JSON.stringify({
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      properties: { code: '63178', nom: 'Issoire' },
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [3.2, 45.5],
            [3.3, 45.5],
            [3.3, 45.6],
            [3.2, 45.5],
          ],
        ],
      },
    },
  ],
})

test('sends the documented request for the contours of a département', async () => {
  const asked: string[] = []
  const base = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.setHeader('content-type', 'application/json; charset=utf-8').end(answer)
  })
  const source = createGeoApi(`${base}/`)
  expect(source.name).toBe(new URL(base).host)
  const features = readContours(await source.fetchContours('2A'), source.name)
  expect(features).toMatchObject([{ code: '63178', name: 'Issoire' }])
  expect(asked).toEqual(['GET /departements/2A/communes?format=geojson&geometry=contour&fields=code,nom'])
})

test('follows a redirect', async () => {
  const target = await serve((_request, response) => response.end(answer))
  const base = await serve((request, response) =>
    response.writeHead(301, { location: `${target}${request.url}` }).end(),
  )
  expect((await createGeoApi(base).fetchContours('63')).byteLength).toBe(answer.length)
})

test('returns an invalid response unchanged, for the file reader to refuse', async () => {
  const base = await serve((_request, response) => response.end('<html>Maintenance</html>'))
  const bytes = await createGeoApi(base).fetchContours('63')
  expect(() => readContours(bytes, 'geo.api.gouv.fr')).toThrow('invalid_file: geojson.notJson')
})

describe('is unreachable', () => {
  const cases: [string, RequestListener][] = [
    ['when it answers with an error', (_request, response) => response.writeHead(503).end('busy')],
    [
      'when it does not know the département',
      (_request, response) => response.writeHead(404).end('{"code":404}'),
    ],
    ['when it does not answer in time', () => {}],
    ['when its response stops after the beginning', (_request, response) => response.write('{"type":')],
    [
      'when its response is cut off',
      (_request, response) => {
        response.writeHead(200, { 'content-length': 1000 })
        response.write('{', () => response.destroy())
      },
    ],
    [
      'when it redirects for ever',
      (request, response) => response.writeHead(302, { location: request.url }).end(),
    ],
  ]
  test.each(cases)('%s', async (_name, listener) => {
    const base = await serve(listener)
    await expect(createGeoApi(base, 300).fetchContours('63')).rejects.toMatchObject({
      code: 'source_unreachable',
      values: { source: new URL(base).host },
    })
  })

  test('when the connection is refused', async () => {
    const base = await serve(() => {})
    const [server] = open.splice(0)
    await new Promise((resolve) => server?.close(resolve))
    await expect(createGeoApi(base).fetchContours('63')).rejects.toMatchObject({ code: 'source_unreachable' })
  })
})

test('stops reading an endless response', async () => {
  const piece = Buffer.alloc(1024 * 1024, ' ')
  let sent = 0
  const base = await serve((_request, response) => {
    const more = () => {
      while (!response.destroyed && sent < 3 * MAX_CONTOUR_MEGABYTES) {
        sent++
        if (!response.write(piece)) return response.once('drain', more)
      }
      return response.end()
    }
    more()
  })
  await expect(createGeoApi(base).fetchContours('63')).rejects.toMatchObject({ code: 'file_too_large' })
  expect(sent).toBeLessThan(2 * MAX_CONTOUR_MEGABYTES)
})

test('rejects with the reason of the abort', async () => {
  const base = await serve(() => {})
  const stop = new AbortController()
  const asked = createGeoApi(base).fetchContours('63', stop.signal)
  stop.abort(new Error('stopping'))
  await expect(asked).rejects.toThrow('stopping')
})
