import { expect, test } from 'vitest'
import { EXCEPTED, type Examples, isScreenRoute, requestsOf, uncovered } from '../../bench/screen-requests.ts'
import { testDatabase } from '../support/database.ts'
import { testDeps } from '../support/deps.ts'
import { testServer } from '../support/server.ts'

test('benches every GET that the screens of the console and the portal send', async () => {
  const database = await testDatabase('postgres')
  const urls = new Set<string>()
  const app = await testServer(testDeps(database), {
    onRoute: (route) => void (isScreenRoute(route) && urls.add(route.url)),
  })
  await app.close()
  await database.close()
  expect(urls.size).toBeGreaterThan(80)
  // Each example fills all of its path.
  const paper = { year: '1', no: '1' }
  const papers: Partial<Examples> = { invoice: paper, receipt: paper, ownReceipt: paper }
  const any = new Proxy({} as Examples, { get: (_, name: keyof Examples) => papers[name] ?? '1' })
  for (const url of urls) if (!(url in EXCEPTED)) expect(requestsOf(url, any), url).not.toEqual([])
  expect(uncovered(urls)).toEqual({ missing: [], stale: [] })
  expect(uncovered([...urls, '/api/schemes/:scheme/new']).missing).toEqual(['/api/schemes/:scheme/new'])
})
