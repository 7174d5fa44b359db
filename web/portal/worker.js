// The portal without a network: what it is made of, and what this phone has received. Nothing of the console, and nothing
// that the merchant writes. Served as /portail-sw.js, for pages under /portail; the build puts in the list of its files
// (vite.config.ts).

/** Replaced by the build. */
const FILES = __FILES__
const VERSION = __VERSION__

const APP = `tocsin-portal-app-${VERSION}`
const DATA = 'tocsin-portal-data'
const PAGE = '/portail'

/**
 * Responses that may be read again without a network: the session and shops, alerts, own reports, people. Downloads are never
 * stored.
 */
const KEPT = /^\/api\/(?:about|portal\/session|portal\/shops\/[^/]+\/[^/]+(?:\/alerts|\/reports)?)$/

/** The endpoint of one alert, whose answer is put in the stored list. */
const ONE = /^(\/api\/portal\/shops\/[^/]+\/[^/]+\/alerts)\/[0-9a-f-]{36}$/

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(APP)
      await cache.addAll([PAGE, ...FILES])
      await data(new Request('/api/about'))
      await self.skipWaiting()
    })(),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const names = await caches.keys()
      const old = names.filter((name) => name.startsWith('tocsin-portal-app-') && name !== APP)
      await Promise.all(old.map((name) => caches.delete(name)))
      await self.clients.claim()
    })(),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (url.origin !== self.location.origin) return
  if (
    request.method === 'POST' &&
    /^\/api\/portal\/(?:mail-|passkey-)?session(?:\/end)?$/.test(url.pathname)
  ) {
    event.respondWith(changingHands(request))
    return
  }
  if (request.method !== 'GET') return
  if (request.mode === 'navigate') {
    if (url.pathname === PAGE || url.pathname.startsWith(`${PAGE}/`)) event.respondWith(page(request))
  } else if (FILES.includes(url.pathname)) event.respondWith(file(request))
  else if (url.search === '' && KEPT.test(url.pathname)) event.respondWith(data(request))
  else {
    const list = ONE.exec(url.pathname)?.[1]
    if (list !== undefined) event.respondWith(oneAlert(request, list))
  }
})

/** The newest page there is; without a network, the one of the installation. */
async function page(request) {
  try {
    return await fetch(request)
  } catch {
    return (await caches.match(PAGE, { cacheName: APP })) ?? Response.error()
  }
}

/** A file never changes under its name. */
async function file(request) {
  return (await caches.match(request, { cacheName: APP, ignoreVary: true })) ?? fetch(request)
}

/** As the server has it; without it, as it was received last. */
async function data(request) {
  const { pathname } = new URL(request.url)
  // Public answers stay after a sign-out, since the sign-in shows whom to call too.
  const cacheName = pathname === '/api/about' ? APP : DATA
  let answer
  try {
    answer = await fetch(request)
  } catch {
    return (await caches.match(pathname, { cacheName })) ?? Response.error()
  }
  // Signed out, or out of the scheme: nothing of it stays on this phone.
  if (answer.status === 401 && pathname === '/api/portal/session') await caches.delete(DATA)
  if (answer.ok) {
    const headers = new Headers(answer.headers)
    // The clock of the page follows this header: an old one would turn it back.
    headers.delete('date')
    const kept = new Response(await answer.clone().blob(), { headers })
    await (await caches.open(cacheName)).put(pathname, kept)
  }
  return answer
}

/** Answers as the server does, and puts the alert in the stored list: in its place, or first. */
async function oneAlert(request, list) {
  const answer = await fetch(request)
  const kept = answer.ok ? await caches.match(list, { cacheName: DATA }) : undefined
  if (kept !== undefined) {
    const [alert, page] = await Promise.all([answer.clone().json(), kept.json()])
    const isKnown = page.alerts.some(({ id }) => id === alert.id)
    const alerts = isKnown
      ? page.alerts.map((one) => (one.id === alert.id ? alert : one))
      : [alert, ...page.alerts]
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    await (await caches.open(DATA)).put(list, new Response(JSON.stringify({ ...page, alerts }), { headers }))
  }
  return answer
}

/** Somebody signs in or out: what the last one received is not for the next. */
async function changingHands(request) {
  const answer = await fetch(request)
  if (answer.ok) await caches.delete(DATA)
  return answer
}
