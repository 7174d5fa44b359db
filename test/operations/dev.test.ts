import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { copyDemo, removeDemo } from '../support/demo.ts'
import { ROOT } from '../support/program.ts'

test('npm run dev prints one address, which answers with the pages and the API', {
  tags: 'long',
}, async () => {
  const demo = await copyDemo()
  const child = spawn(process.execPath, ['scripts/dev.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      TOCSIN_LANG: 'en',
      TOCSIN_DATA_DIR: demo.directory,
      DATABASE_URL: demo.databaseUrl,
      NO_COLOR: '1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  try {
    let output = ''
    const ready = new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (/Local:\s+http\S+\//.test(output)) resolve()
      })
    })
    await Promise.race([ready, closed])
    const [, address] = /Local:\s+(http\S+)\//.exec(output) ?? []
    expect(address, output).toBeDefined()
    expect(output).toMatch(/ready in [\d.]+ s: http\S+ \(API only, without the screens\)/)
    const page = await fetch(`${address}/`, { headers: { accept: 'text/html' } })
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('/main.tsx')])
    const script = await fetch(`${address}/main.tsx`)
    expect([script.status, script.headers.get('content-type')]).toEqual([200, 'text/javascript'])
    const about = await fetch(`${address}/api/about`)
    expect([about.status, await about.json()]).toEqual([200, expect.objectContaining({ demo: true })])
    // A page of this address may sign in.
    const signedIn = await fetch(`${address}/api/demo/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: String(address) },
      body: JSON.stringify({ as: 'operator' }),
    })
    expect(signedIn.status, await signedIn.text()).toBe(200)
  } finally {
    child.kill('SIGTERM')
    await closed
    await removeDemo(demo)
  }
})
