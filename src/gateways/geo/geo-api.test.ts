import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { MAX_CONTOUR_MEGABYTES, readContours } from '../../territory/geojson.ts'
import { geoApi } from './geo-api.ts'

const open: Server[] = []

/** A local server that speaks for geo.api.gouv.fr. @returns its base address */
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

test('asks for the contours of a département in the service’s own words', async () => {
  const asked: string[] = []
  const base = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.setHeader('content-type', 'application/json; charset=utf-8').end(answer)
  })
  const source = geoApi(`${base}/`)
  expect(source.name).toBe(new URL(base).host)
  const features = readContours(await source.fetchContours('2A'), source.name)
  expect(features).toMatchObject([{ code: '63178', name: 'Issoire' }])
  expect(asked).toEqual(['GET /departements/2A/communes?format=geojson&geometry=contour&fields=code,nom'])
})

test('follows a redirection', async () => {
  const target = await serve((_request, response) => response.end(answer))
  const base = await serve((request, response) =>
    response.writeHead(301, { location: `${target}${request.url}` }).end(),
  )
  expect((await geoApi(base).fetchContours('63')).byteLength).toBe(answer.length)
})

test('gives garbage on as it is: the reader of the file refuses it', async () => {
  const base = await serve((_request, response) => response.end('<html>Maintenance</html>'))
  const bytes = await geoApi(base).fetchContours('63')
  expect(() => readContours(bytes, 'geo.api.gouv.fr')).toThrow('invalid_file: geojson.notJson')
})

describe('is unreachable', () => {
  const cases: [string, RequestListener][] = [
    ['when it answers an error', (_request, response) => response.writeHead(503).end('busy')],
    ['when it knows nothing of it', (_request, response) => response.writeHead(404).end('{"code":404}')],
    ['when it does not answer in time', () => {}],
    ['when it begins and then says nothing', (_request, response) => response.write('{"type":')],
    [
      'when it cuts the answer off',
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
    await expect(geoApi(base, 300).fetchContours('63')).rejects.toMatchObject({
      code: 'source_unreachable',
      values: { source: new URL(base).host },
    })
  })

  test('when nobody listens', async () => {
    const base = await serve(() => {})
    const [server] = open.splice(0)
    await new Promise((resolve) => server?.close(resolve))
    await expect(geoApi(base).fetchContours('63')).rejects.toMatchObject({ code: 'source_unreachable' })
  })
})

test('stops reading an answer without end', async () => {
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
  await expect(geoApi(base).fetchContours('63')).rejects.toMatchObject({ code: 'file_too_large' })
  expect(sent).toBeLessThan(2 * MAX_CONTOUR_MEGABYTES)
})

test('gives the reason of whoever stops it', async () => {
  const base = await serve(() => {})
  const stop = new AbortController()
  const asked = geoApi(base).fetchContours('63', stop.signal)
  stop.abort(new Error('stopping'))
  await expect(asked).rejects.toThrow('stopping')
})
