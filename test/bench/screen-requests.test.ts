import { expect, test } from 'vitest'
import { isScreenRoute, uncovered } from '../../bench/screen-requests.ts'
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
  expect(uncovered(urls)).toEqual({ missing: [], stale: [] })
  expect(uncovered([...urls, '/api/schemes/:scheme/new']).missing).toEqual(['/api/schemes/:scheme/new'])
})
