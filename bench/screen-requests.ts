import type { RouteOptions } from 'fastify'

/** Ids of an installation for example URLs, by the names of parameters. */
export interface Examples {
  readonly scheme: string
  readonly member: string
  /** An account of the scheme, which the one that asks may act on. */
  readonly user: string
  readonly alert: string
  readonly report: string
  readonly followUp: string
  readonly upload: string
  readonly enrolment: string
  readonly charter: string
  readonly debitFile: string
  readonly statement: string
  readonly dataRequest: string
  readonly deposit: string
  /** Papers of the shop. */
  readonly invoice: { readonly year: string; readonly no: string }
  readonly receipt: { readonly year: string; readonly no: string }
  readonly ownReceipt: { readonly year: string; readonly no: string }
  /** The member of the portal's session; `ownAlert` is an alert that was sent to it. */
  readonly shop: string
  readonly ownAlert: string
  readonly sector: string
  readonly numberToken: string
  readonly siret: string
  readonly year: string
}

/** Endpoints that are not requested, with the reason. */
export const EXCEPTED: Readonly<Record<string, string>> = {
  '/api/schemes/:scheme/live': 'a stream of events does not end',
  '/api/session/live': 'a stream of events does not end',
  '/api/wall': 'by the cookie of a wall display alone',
  '/api/portal/shops/:scheme/:member/live': 'a stream of events does not end',
  '/api/schemes/:scheme/member-changes/:id/members':
    'the members of one change, when somebody asks for their names',
  '/api/schemes/:scheme/member-changes/:id/welcome': 'requested once after an import',
  '/api/schemes/:scheme/member-views/:id/members': 'a group by hand, for the undo of its removal',
  '/api/schemes/:scheme/dues/calls.pdf': 'more members owe there than one file has letters',
  '/api/schemes/:scheme/members/:id/call.pdf': 'drawn as each page of all calls',
  '/api/schemes/:scheme/data-requests/:id/erasure': 'for an erasure that somebody is about to grant',
  '/api/schemes/:scheme/members/:id/file.pdf': 'for trade chambers, as that of a request',
  '/api/schemes/:scheme/members/:id/file.json': 'for trade chambers, as that of a request',
  '/api/installation/operation': 'for the administrator of the platform alone',
  '/api/break-glass/schemes': 'for the break-glass account alone, an hour a year',
}

/**
 * Downloads of all rows of a scheme: requested and reported but without a time limit, since no screen waits for
 * them. They are streamed, or run in a worker, so that other requests do not wait either.
 */
export const DOWNLOADS: ReadonlySet<string> = new Set([
  '/api/schemes/:scheme/members.csv',
  '/api/schemes/:scheme/members.xlsx',
  '/api/schemes/:scheme/reports.csv',
  '/api/schemes/:scheme/audit.csv',
  '/api/installation/audit.csv',
  '/api/schemes/:scheme/alerts/:id/deliveries.csv',
  '/api/schemes/:scheme/statistics.csv',
  '/api/schemes/:scheme/statistics.pdf',
  '/api/schemes/:scheme/dues/accounting.csv',
  '/api/schemes/:scheme/dues/letters.csv',
  '/api/schemes/:scheme/dues/letters.xlsx',
  '/api/schemes/:scheme/dues/deposits/:deposit/slip.pdf',
  '/api/schemes/:scheme/debits/:file/pain.008.xml',
  '/api/schemes/:scheme/sticker.pdf',
  '/api/schemes/:scheme/members/:id/certificate.pdf',
  '/api/schemes/:scheme/invoices/:year/:no',
  '/api/schemes/:scheme/receipts/:year/:no',
  '/api/portal/shops/:scheme/:member/sticker.pdf',
  '/api/portal/shops/:scheme/:member/certificate.pdf',
  '/api/portal/shops/:scheme/:member/invoices/:year/:no',
  '/api/portal/shops/:scheme/:member/receipts/:year/:no',
  '/api/portal/shops/:scheme/:member/data.json',
  '/api/portal/shops/:scheme/:member/data.csv',
])

/** Responses other than lists, which a browser caches by their validator and fetches again only when they changed. */
export const KEPT: ReadonlySet<string> = new Set([
  '/api/schemes/:scheme/map',
  '/api/contours/:departement',
  '/api/schemes/:scheme/guard-facts',
])

type Params = (of: Examples) => Readonly<Record<string, string>>
interface Example {
  readonly params?: Params
  /** Queries of the screens, from the simplest to the heaviest; default ''. */
  readonly queries?: readonly string[] | ((of: Examples) => readonly string[])
}

const scheme: Params = (of) => ({ scheme: of.scheme })
const own: Params = (of) => ({ scheme: of.scheme, member: of.shop })
const plain: Example = { params: scheme }
const alert: Example = { params: (of) => ({ scheme: of.scheme, id: of.alert }) }
const member: Example = { params: (of) => ({ scheme: of.scheme, id: of.member }) }
const privacyPaper: Example = { params: (of) => ({ scheme: of.scheme, paper: 'dpia' }) }
const dataRequest: Example = { params: (of) => ({ scheme: of.scheme, id: of.dataRequest }) }
const shop: Example = { params: own }
const queries = (...texts: string[]): Example => ({ params: scheme, queries: texts })

/** An example of each GET endpoint, by its registered path. */
const EXAMPLES: Readonly<Record<string, Example>> = {
  '/api/about': {},
  '/api/session': {},
  '/api/account/security': {},
  '/api/account/sessions': {},
  '/api/session/lock': {},
  '/api/account/factor': {},
  '/api/portal/session': {},
  '/api/portal/passkeys': {},
  '/api/portal/sessions': {},
  '/api/public/numbers/:token': { params: (of) => ({ token: of.numberToken }) },
  '/api/public/schemes/:scheme': plain,
  '/api/public/schemes/:scheme/places': queries('q=iss'),
  '/api/public/schemes/:scheme/trades': queries('q=fleuriste'),
  '/api/public/schemes/:scheme/businesses': queries('q=tabac&commune=63178'),
  '/api/public/schemes/:scheme/businesses/:siret': {
    params: (of) => ({ scheme: of.scheme, siret: of.siret }),
  },
  '/api/public/schemes/:scheme/enrolment': plain,
  '/api/public/schemes/:scheme/map': plain,
  '/api/public/schemes/:scheme/status': plain,
  '/api/public/schemes/:scheme/privacy': plain,
  '/api/public/schemes/:scheme/figures': plain,
  '/api/schemes/:scheme/places': queries('q=iss', 'q=s'),
  '/api/schemes/:scheme/places/names': plain,
  '/api/schemes/:scheme/territory/parts': queries('q=allier'),
  '/api/schemes/:scheme/areas': queries('commune=63178'),
  '/api/schemes/:scheme/map': plain,
  '/api/contours/:departement': { params: () => ({ departement: '63' }) },
  '/api/schemes/:scheme': plain,
  '/api/schemes/:scheme/people': plain,
  '/api/schemes/:scheme/people/:user/sessions': {
    params: (of) => ({ scheme: of.scheme, user: of.user }),
  },
  '/api/schemes/:scheme/doctrine': plain,
  '/api/schemes/:scheme/categories': plain,
  '/api/schemes/:scheme/texts': plain,
  '/api/schemes/:scheme/mail': plain,
  '/api/schemes/:scheme/route-order': plain,
  '/api/schemes/:scheme/setting-changes': plain,
  '/api/schemes/:scheme/sectors': plain,
  '/api/schemes/:scheme/magistrates': plain,
  '/api/schemes/:scheme/magistrates/me/uses': plain,
  '/api/schemes/:scheme/sectors/:id/alerts': { params: (of) => ({ scheme: of.scheme, id: of.sector }) },
  '/api/schemes/:scheme/on-call': plain,
  '/api/schemes/:scheme/alerts/:id/returned': alert,
  '/api/schemes/:scheme/call-outs': { params: scheme, queries: (of) => ['', `alert=${of.alert}`] },
  '/api/schemes/:scheme/members': queries(
    'limit=100',
    'limit=100&q=commerce%2077',
    'limit=100&q=07%2060%2000',
    'limit=100&numbers=dead',
    'limit=100&charter=none',
    'limit=100&dues=owing',
    'limit=100&commune=63178',
    'limit=100&sort=dues&descending=true',
    'limit=100&sort=numbers&skip=1000',
    'limit=100&dues=late',
  ),
  '/api/schemes/:scheme/members/:id': member,
  '/api/schemes/:scheme/register': queries('q=tabac'),
  '/api/schemes/:scheme/members/:id/accesses': member,
  '/api/schemes/:scheme/members/:id/dues': member,
  '/api/schemes/:scheme/members/:id/history': member,
  '/api/schemes/:scheme/members/:id/certificate.pdf': member,
  '/api/schemes/:scheme/members/:id/notes': member,
  '/api/schemes/:scheme/callers': queries('q=commerce', 'q=0760000012'),
  '/api/schemes/:scheme/member-views': plain,
  '/api/schemes/:scheme/member-tags': plain,
  '/api/schemes/:scheme/member-changes': plain,
  '/api/schemes/:scheme/member-imports': plain,
  '/api/schemes/:scheme/member-imports/:id': { params: (of) => ({ scheme: of.scheme, id: of.upload }) },
  '/api/schemes/:scheme/member-imports/:id/cells': {
    params: (of) => ({ scheme: of.scheme, id: of.upload }),
  },
  '/api/schemes/:scheme/member-imports/:id/rows': {
    params: (of) => ({ scheme: of.scheme, id: of.upload }),
    queries: ['which=all', 'which=bad'],
  },
  '/api/schemes/:scheme/members.csv': plain,
  '/api/schemes/:scheme/members.xlsx': plain,
  '/api/schemes/:scheme/numbers': queries(
    'facet=dead',
    'facet=shared',
    'facet=gone',
    'facet=dead&q=commerce',
  ),
  '/api/schemes/:scheme/number-settings': plain,
  '/api/schemes/:scheme/contact': plain,
  '/api/schemes/:scheme/doubles': plain,
  '/api/schemes/:scheme/sticker.pdf': plain,
  '/api/schemes/:scheme/dues': {
    params: scheme,
    queries: (of) => ['', `year=${of.year}&facet=late`, `year=${of.year}&q=commerce`],
  },
  '/api/schemes/:scheme/dues-settings': plain,
  '/api/schemes/:scheme/invoices/:year/:no': { params: (of) => ({ scheme: of.scheme, ...of.invoice }) },
  '/api/schemes/:scheme/receipts/:year/:no': { params: (of) => ({ scheme: of.scheme, ...of.receipt }) },
  '/api/schemes/:scheme/dues/accounting': { params: scheme, queries: (of) => ['', `year=${of.year}`] },
  '/api/schemes/:scheme/dues/accounting.csv': { params: scheme, queries: (of) => [`year=${of.year}`] },
  '/api/schemes/:scheme/debits': plain,
  '/api/schemes/:scheme/debits/:file': { params: (of) => ({ scheme: of.scheme, file: of.debitFile }) },
  '/api/schemes/:scheme/debits/:file/pain.008.xml': {
    params: (of) => ({ scheme: of.scheme, file: of.debitFile }),
  },
  '/api/schemes/:scheme/dues/letters': { params: scheme, queries: () => ['who=owing', 'who=no_mail'] },
  '/api/schemes/:scheme/dues/letters.csv': plain,
  '/api/schemes/:scheme/dues/letters.xlsx': plain,
  '/api/schemes/:scheme/dues/payers': { params: scheme, queries: () => ['q=commerce', 'q=00000001'] },
  '/api/schemes/:scheme/dues/payments': plain,
  '/api/schemes/:scheme/dues/deposits': plain,
  '/api/schemes/:scheme/dues/deposits/:deposit/slip.pdf': {
    params: (of) => ({ scheme: of.scheme, deposit: of.deposit }),
  },
  '/api/schemes/:scheme/dues/statements': plain,
  '/api/schemes/:scheme/dues/statements/:statement': {
    params: (of) => ({ scheme: of.scheme, statement: of.statement }),
  },
  '/api/schemes/:scheme/enrolments': queries('', 'state=refused&limit=100'),
  '/api/schemes/:scheme/enrolments/:id': { params: (of) => ({ scheme: of.scheme, id: of.enrolment }) },
  '/api/schemes/:scheme/member-corrections': plain,
  '/api/schemes/:scheme/member-view-counts': plain,
  '/api/schemes/:scheme/enrolment-settings': plain,
  '/api/schemes/:scheme/charters': plain,
  '/api/schemes/:scheme/charters/:version': { params: (of) => ({ scheme: of.scheme, version: of.charter }) },
  '/api/schemes/:scheme/reports': queries(
    '',
    'limit=100',
    'state=waiting&limit=50',
    'q=halle',
    'state=refused',
  ),
  '/api/schemes/:scheme/reports/statistics': plain,
  '/api/schemes/:scheme/reports.csv': plain,
  '/api/schemes/:scheme/reports/:id': { params: (of) => ({ scheme: of.scheme, id: of.report }) },
  '/api/schemes/:scheme/call-notes': plain,
  '/api/schemes/:scheme/series': plain,
  '/api/schemes/:scheme/routes': plain,
  '/api/schemes/:scheme/messages': plain,
  '/api/schemes/:scheme/message-settings': plain,
  '/api/schemes/:scheme/access': plain,
  '/api/schemes/:scheme/trades': plain,
  '/api/schemes/:scheme/activities': queries('q=47.2', 'q=pain'),
  '/api/schemes/:scheme/guard-facts': plain,
  '/api/schemes/:scheme/alerts': queries('limit=30', 'open=true&limit=50', 'limit=30&q=billets'),
  '/api/schemes/:scheme/alerts/current': plain,
  '/api/schemes/:scheme/alerts/recent': plain,
  '/api/schemes/:scheme/walls': plain,
  '/api/schemes/:scheme/alerts/:id': alert,
  '/api/schemes/:scheme/alerts/:id/remarks': alert,
  '/api/schemes/:scheme/alerts/:id/follow-ups/preview': { ...alert, queries: ['', 'kind=all_clear'] },
  '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/remarks': {
    params: (of) => ({ scheme: of.scheme, id: of.alert, followUp: of.followUp }),
  },
  '/api/schemes/:scheme/alerts/:id/cap.xml': alert,
  '/api/schemes/:scheme/alerts/:id/held-back': alert,
  '/api/schemes/:scheme/alerts/:id/deliveries': {
    ...alert,
    queries: ['limit=100', 'state=failed&limit=100', 'offset=3000&limit=100'],
  },
  '/api/schemes/:scheme/alerts/:id/deliveries/:no': {
    params: (of) => ({ scheme: of.scheme, id: of.alert, no: '7' }),
  },
  '/api/schemes/:scheme/alerts/:id/deliveries.csv': alert,
  '/api/schemes/:scheme/observers': plain,
  '/api/schemes/:scheme/neighbours': queries('communes=63178'),
  '/api/schemes/:scheme/relays': plain,
  '/api/schemes/:scheme/today': plain,
  '/api/schemes/:scheme/statistics': queries('', 'trade=bakeries'),
  '/api/schemes/:scheme/statistics/committee': queries('', 'trade=bakeries'),
  '/api/schemes/:scheme/statistics.csv': queries('table=months'),
  '/api/schemes/:scheme/statistics.pdf': plain,
  '/api/schemes/:scheme/retention': plain,
  '/api/schemes/:scheme/register.md': plain,
  '/api/schemes/:scheme/privacy/:paper/pdf': privacyPaper,
  '/api/schemes/:scheme/privacy/:paper/odt': privacyPaper,
  '/api/schemes/:scheme/data-requests': plain,
  '/api/schemes/:scheme/data-requests/:id/file.pdf': dataRequest,
  '/api/schemes/:scheme/data-requests/:id/file.json': dataRequest,
  '/api/schemes/:scheme/audit': queries('', 'action=alert.broadcast', 'limit=200'),
  '/api/schemes/:scheme/audit/chain': plain,
  '/api/schemes/:scheme/audit.csv': plain,
  '/api/installation/audit': queries('', 'action=session.open', 'limit=200'),
  '/api/installation/audit/chain': {},
  '/api/installation/audit.csv': {},
  '/api/installation/break-glass': {},
  '/api/installation/schemes': {},
  '/api/schemes/:scheme/file': plain,
  '/api/break-glass': {},
  '/api/portal/shops/:scheme/:member': shop,
  '/api/portal/shops/:scheme/:member/certificate.pdf': shop,
  '/api/portal/shops/:scheme/:member/sticker.pdf': shop,
  '/api/portal/shops/:scheme/:member/dues': shop,
  '/api/portal/shops/:scheme/:member/invoices/:year/:no': {
    params: (of) => ({ ...own(of), ...of.invoice }),
  },
  '/api/portal/shops/:scheme/:member/receipts/:year/:no': {
    params: (of) => ({ ...own(of), ...of.ownReceipt }),
  },
  '/api/portal/shops/:scheme/:member/charter': shop,
  '/api/portal/shops/:scheme/:member/report-form': shop,
  '/api/portal/shops/:scheme/:member/reports': shop,
  '/api/portal/shops/:scheme/:member/alerts': shop,
  '/api/portal/shops/:scheme/:member/alerts/:id': { params: (of) => ({ ...own(of), id: of.ownAlert }) },
  '/api/portal/shops/:scheme/:member/data.json': shop,
  '/api/portal/shops/:scheme/:member/data.csv': shop,
}

/**
 * Returns true when the console or the portal requests this endpoint by GET: endpoints of the API except its
 * description, sign-in and providers.
 */
export function isScreenRoute({ method, url }: Pick<RouteOptions, 'method' | 'url'>): boolean {
  if (![method].flat().includes('GET') || !url.startsWith('/api/')) return false
  return !/^\/api\/(?:openapi\.json|auth\/|demo\/|gateways\/|cli\b)/.test(url)
}

/** Finds registered endpoints without an example or a reason for having none, and examples of unknown endpoints. */
export function uncovered(urls: Iterable<string>): { readonly missing: string[]; readonly stale: string[] } {
  const registered = new Set(urls)
  const known = new Set([...Object.keys(EXAMPLES), ...Object.keys(EXCEPTED)])
  const named = [...known, ...DOWNLOADS, ...KEPT]
  return {
    missing: [...registered].filter((url) => !known.has(url)).sort(),
    stale: named.filter((url) => !registered.has(url)).sort(),
  }
}

/** Makes the URLs with which a bench requests an endpoint, one per query. @throws Error for one without an example */
export function requestsOf(url: string, of: Examples): string[] {
  const example = EXAMPLES[url]
  if (example === undefined) throw new Error(`GET ${url} has no example in bench/screen-requests.ts`)
  const params = example.params?.(of) ?? {}
  const path = url.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new Error(`GET ${url} has no example of ${name}`)
    return encodeURIComponent(value)
  })
  const asked = typeof example.queries === 'function' ? example.queries(of) : (example.queries ?? [''])
  return asked.map((query) => (query === '' ? path : `${path}?${query}`))
}
