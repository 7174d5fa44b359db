import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { readEndpointGroups } from '../../scripts/operations.ts'
import { NO_SCHEME } from '../../src/audit/chain.ts'
import type { Deps } from '../../src/deps.ts'
import { admitCode, deriveCodeDigits } from '../../src/identity/codes/codes.ts'
import type { Role } from '../../src/permissions.ts'
import { type Database, inScheme } from '../../src/platform/db.ts'
import { ClientId } from '../../src/platform/http/endpoints.ts'
import type { App } from '../../src/platform/http/http.ts'
import { openContactSession } from '../../src/portal/session/session.ts'
import { DuesSettings } from '../../src/schemes/contract.ts'
import { openCampaign } from '../support/campaigns.ts'
import { testDatabase } from '../support/database.ts'
import { program, testDeps } from '../support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../support/fixtures.ts'
import { takeWaitingSms } from '../support/outbox.ts'
import { cookiesOf, openAccount, testServer } from '../support/server.ts'

// A creation takes its id from the client, so that a request whose answer was lost can be sent again: it is answered as the first
// one, and with other content it is refused as `id_taken`. Creations that take none say why the same request again is harmless.

const SCHEME = '/api/schemes/ac63'
const SHOP = `/api/portal/shops/ac63/${idOf(1)}`

type Who = 'admin' | 'operator' | 'chamber' | 'chamber2' | 'chief' | 'chief2' | 'shop'
const cookies = {} as Record<Who, string>
let userId: Record<string, string> = {}
let database: Database
let deps: Deps
let app: App
const today = new Date().toISOString().slice(0, 10)
const year = new Date().getFullYear()

beforeAll(async () => {
  database = await testDatabase('postgres')
  await seedSchemes(database)
  await seedMembers(
    database.db,
    'ac63',
    [1, 2, 3, 4, 5, 6].map((n) => ({ id: idOf(n), name: `Tabac ${n}`, phones: [phoneOf(n)] })),
  )
  deps = testDeps(database)
  app = await testServer(deps)
  const roles = {
    admin: 'admin',
    operator: 'operator',
    chamber: 'chamber',
    chamber2: 'chamber',
    chief: 'chief',
    chief2: 'chief',
  } as const
  for (const [name, role] of [
    ...Object.entries(roles),
    ['moved', 'trade_chamber'],
    ['raised', 'trade_chamber'],
  ] as const) {
    const mail = `${name}@demo.invalid`
    const account = {
      mail,
      name,
      schemeId: role === 'admin' ? NO_SCHEME : 'ac63',
      role: role as Role,
      ...(role === 'trade_chamber' && { trades: ['tobacco-press'] }),
    }
    const opened = await openAccount(deps, account)
    userId = { ...userId, [name]: opened.userId }
    if (!(name in roles)) continue
    const payload = { email: mail, password: opened.password }
    const signedIn = await app.inject({ method: 'POST', url: '/api/auth/sign-in/email', payload })
    cookies[name as Who] = cookiesOf(signedIn)
  }
  cookies.shop = `tocsin.portal=${await openContactSession(deps, { phone: phoneOf(1) })}`
  await database.db
    .updateTable('schemes')
    .set({
      dues: JSON.stringify(
        DuesSettings.parse({ creditor: { iban: 'FR7630006000011234567890189', chequeOrder: 'CCI' } }),
      ),
    })
    .where('id', '=', 'ac63')
    .execute()
  const campaign = { year, feeCents: 10_000, tradeFees: {}, proRata: false, dueOn: `${year}-12-31` }
  await openCampaign(deps, program, 'ac63', campaign)
})
afterAll(async () => {
  await app?.close()
  await database?.close()
})

interface Sent {
  readonly as: Who
  readonly method?: 'POST' | 'PUT'
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  /** A file to send as the body: the values of `body` are then in the query. */
  readonly file?: string
}
interface Creation extends Sent {
  /** Other values, or another account, which make a later request another one. */
  readonly other: Partial<Sent>
  /** Reads what the requests created, and how often; the second request must change none of it. */
  readonly count?: () => Promise<Readonly<Record<string, number>>>
  /** Value of the answer that is a link, made anew because the lost answer had the only copy; `open` says whether one opens. */
  readonly renewed?: { readonly key: string; readonly open: (link: string) => Promise<string> }
  /** Runs between the first request and the second one. */
  between?(first: Readonly<Record<string, unknown>>): Promise<unknown>
}

async function send({ as, method = 'POST', path, body, file }: Sent) {
  const cookie = cookies[as]
  const query = Object.entries(body).map(([key, value]): [string, string] => [key, String(value)])
  const answer = await app.inject(
    file === undefined
      ? { method, url: path, headers: { cookie }, payload: body }
      : {
          method,
          url: `${path}?${new URLSearchParams(query)}`,
          headers: { cookie, 'content-type': 'text/csv' },
          payload: file,
        },
  )
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() }
}
async function create(sent: Sent): Promise<string> {
  const id = deps.newId()
  const { status, body } = await send({ ...sent, body: { id, ...sent.body } })
  expect(status, JSON.stringify(body)).toBeLessThan(300)
  return id
}

const call = { categoryCode: 'counterfeit', communeCode: '63178', place: 'gare' }
const payment = { way: 'cheque', amountCents: 1000, receivedOn: today, reference: '0001' }
const reason = 'Arrive lundi.'
const report = () =>
  create({ as: 'operator', path: `${SCHEME}/reports`, body: { ...call, place: deps.newId() } })
const putInForce = async ({ proposed }: Readonly<Record<string, unknown>>, as: Who) =>
  expect(
    (await send({ as, path: `${SCHEME}/setting-changes/${proposed}/in-force`, body: {} })).status,
  ).toBeLessThan(300)

/** Counts what an invitation of an address creates. */
async function countsOf(mail: string) {
  const { rows } = await sql<Record<string, number>>`
    select (select count(*)::int from "user" where email = ${mail}) as accounts,
      (select count(*)::int from grants g join "user" u on u.id = g.user_id where u.email = ${mail}) as grants,
      (select count(*)::int from invitations i join "user" u on u.id = i.user_id where u.email = ${mail}) as invitations,
      (select count(*)::int from setting_changes where state = 'proposed' and parts::text like ${`%${mail}%`}) as proposals,
      (select count(*)::int from audit_entries e join "user" u on e.subject = 'user:' || u.id
        where u.email = ${mail} and e.action = 'user.invite') as entries`.execute(database.db)
  return rows[0] ?? {}
}

/** Returns the state of the invitation behind a link, or why there is none. */
async function openInvitation(link: string): Promise<string> {
  const token = new URL(link).hash.slice(1)
  const { body } = await send({ as: 'chief', path: '/api/auth/invitation/read', body: { token } })
  return body.state ?? body.code
}

/** The creations by operation; those whose outcome depends on the content have several. */
const CREATIONS: Readonly<Record<string, () => Promise<readonly Creation[]> | readonly Creation[]>> = {
  createReport: () => [
    { as: 'operator', path: `${SCHEME}/reports`, body: call, other: { body: { ...call, place: 'marché' } } },
  ],
  createAlert: async () => {
    const body = { reportId: await report(), text: 'Faux billets.', area: { kind: 'commune', code: '63178' } }
    return [{ as: 'operator', path: `${SCHEME}/alerts`, body, other: { body: { ...body, text: 'Vol.' } } }]
  },
  createSeries: async () => {
    const body = { title: 'Gare', reportIds: [await report(), await report()] }
    return [{ as: 'operator', path: `${SCHEME}/series`, body, other: { body: { ...body, title: 'Port' } } }]
  },
  openWall: () => [{ as: 'operator', path: `${SCHEME}/walls`, body: {}, other: { as: 'chief' } }],
  addObserver: () => {
    const body = { name: 'Préfecture', phone: phoneOf(50), reason }
    return [{ as: 'chief', path: `${SCHEME}/observers`, body, other: { body: { ...body, name: 'Mairie' } } }]
  },
  addOnCallPerson: () => {
    const body = { role: 'approver', name: 'Léa Petit', userId: userId.chief, phone: phoneOf(51) }
    return [
      {
        as: 'chief',
        path: `${SCHEME}/on-call/people`,
        body,
        other: { body: { ...body, phone: phoneOf(52) } },
      },
    ]
  },
  addOnCallAbsence: async () => {
    const person = { role: 'approver', name: 'Luc Blanc', userId: userId.chief2, phone: phoneOf(53) }
    const personId = await create({ as: 'chief', path: `${SCHEME}/on-call/people`, body: person })
    const at = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
    const body = { personId, substituteId: null, from: at(1), until: at(2) }
    return [
      { as: 'chief', path: `${SCHEME}/on-call/absences`, body, other: { body: { ...body, until: at(3) } } },
    ]
  },
  createAgency: () => {
    const body = { name: 'Police municipale', kind: 'police' }
    return [
      { as: 'chamber', path: `${SCHEME}/agencies`, body, other: { body: { ...body, name: 'Douanes' } } },
    ]
  },
  addCategory: () => {
    const body = {
      ...{
        labelFr: 'Vol à la roulotte',
        labelEn: 'Theft',
        severity: 'alert',
        template: 'Vol {zone}. {conseil}',
      },
      ...{ level: 'established', area: null, reason },
    }
    return [
      { as: 'chamber', path: `${SCHEME}/categories`, body, other: { body: { ...body, labelFr: 'Vol' } } },
    ]
  },
  createSector: () => {
    const body = { name: 'Centre', communeCodes: ['63178'] }
    return [{ as: 'chamber', path: `${SCHEME}/sectors`, body, other: { body: { ...body, name: 'Nord' } } }]
  },
  createMember: () => {
    const body = {
      ...{ name: 'Bijouterie Roux', trade: 'jewellers', commune: '63178' },
      contacts: [{ id: deps.newId(), person: 'Ana Roux', phone: phoneOf(62) }],
    }
    return [{ as: 'chamber', path: `${SCHEME}/members`, body, other: { body: { ...body, name: 'Roux' } } }]
  },
  addContact: () => {
    const body = { person: 'Zoé', phone: phoneOf(60) }
    const path = `${SCHEME}/members/${idOf(2)}/contacts`
    return [{ as: 'chamber', path, body, other: { body: { ...body, person: 'Ève' } } }]
  },
  changeMembers: () => {
    const action = { kind: 'suspend', reason: 'Congés.' }
    const tagged = { kind: 'trade', trade: 'bakeries' }
    const path = `${SCHEME}/member-changes`
    const ids = { members: { ids: [idOf(4), idOf(5)] } }
    // All members of the trade: the first change leaves none, so that the same request would find another number.
    const all = { members: { filter: { trade: 'tobacco-press' }, count: 6 } }
    return [
      {
        as: 'chamber',
        path,
        body: { action, ...ids },
        other: { body: { action, members: { ids: [idOf(4)] } } },
      },
      { as: 'chamber', path, body: { action: tagged, ...all }, other: { body: { action, ...all } } },
    ]
  },
  mergeMembers: () => {
    const body = { kept: idOf(5), merged: idOf(6), take: { name: 'merged' } }
    const path = `${SCHEME}/merges`
    return [{ as: 'chamber', path, body, other: { body: { ...body, take: { name: 'kept' } } } }]
  },
  createScheme: () => {
    const file = { id: 'ac43', name: 'Alerte 43', sender: 'ALERTE43', referencePrefix: '43' }
    const body = { from: 'ac63', file }
    return [
      {
        ...{ as: 'admin', path: '/api/installation/schemes', body },
        other: { body: { ...body, file: { ...file, name: 'Alerte Velay' } } },
      },
    ]
  },
  writeServiceMessage: () => {
    const body = { channel: 'sms', text: 'Réunion lundi à 9 h.', filter: {} }
    return [{ as: 'chamber', path: `${SCHEME}/messages`, body, other: { body: { ...body, text: 'Mardi.' } } }]
  },
  enterDataRequest: () => {
    const body = { kind: 'access', person: 'Paul Durand', via: 'mail', receivedOn: today }
    return [
      { as: 'chamber', path: `${SCHEME}/data-requests`, body, other: { body: { ...body, kind: 'erasure' } } },
    ]
  },
  recordPayment: () => {
    const path = `${SCHEME}/members/${idOf(1)}/payments`
    return [{ as: 'chamber', path, body: payment, other: { body: { ...payment, amountCents: 900 } } }]
  },
  recordPayments: () => {
    const row = { member: idOf(2), amountCents: 1000, reference: '0002' }
    const body = { way: 'cheque', receivedOn: today, payments: [row] }
    return [
      { as: 'chamber', path: `${SCHEME}/dues/payments`, body, other: { body: { ...body, way: 'transfer' } } },
    ]
  },
  recordRefund: async () => {
    const path = `${SCHEME}/members/${idOf(2)}`
    const paid = { ...payment, way: 'transfer', reference: 'VIR', inAdvance: true, amountCents: 20_000 }
    await create({ as: 'chamber', path: `${path}/payments`, body: paid })
    const body = { way: 'transfer', amountCents: 100, paidOn: today, reason: 'Trop versé' }
    return [{ as: 'chamber', path: `${path}/refunds`, body, other: { body: { ...body, amountCents: 200 } } }]
  },
  createDeposit: async () => {
    const path = `${SCHEME}/members/${idOf(3)}/payments`
    const one = await create({ as: 'chamber', path, body: { ...payment, reference: '0003' } })
    const two = await create({ as: 'chamber', path, body: { ...payment, reference: '0004' } })
    const body = { depositedOn: today, cheques: [one] }
    return [
      { as: 'chamber', path: `${SCHEME}/dues/deposits`, body, other: { body: { ...body, cheques: [two] } } },
    ]
  },
  recordWarningInPerson: () => {
    const path = `${SCHEME}/members/${idOf(3)}/dues-notices`
    return [{ as: 'chamber', path, body: { how: 'phone' }, other: { body: { how: 'visit' } } }]
  },
  invitePerson: () => {
    const path = `${SCHEME}/people`
    const operator = { mail: 'new@demo.invalid', name: 'Nadia Neuf', role: 'operator' }
    const chamber = { mail: 'late@demo.invalid', name: 'Luc Tard', role: 'chamber', reason }
    return [
      {
        as: 'chief',
        path,
        body: operator,
        other: { body: { ...operator, mail: 'x@demo.invalid' } },
        count: () => countsOf(operator.mail),
        renewed: { key: 'link', open: openInvitation },
      },
      {
        as: 'chamber',
        path,
        body: chamber,
        other: { body: { ...chamber, role: 'operator' } },
        count: () => countsOf(chamber.mail),
      },
    ]
  },
  changeRole: () => {
    const trade = { from: 'trade_chamber', to: { role: 'trade_chamber', trades: ['bakeries'] } }
    const chamber = { from: 'trade_chamber', to: { role: 'chamber' }, reason }
    const of = (name: string) => `${SCHEME}/people/${userId[name]}/role`
    return [
      {
        ...{ as: 'chamber', method: 'PUT', path: of('moved'), body: trade },
        other: { body: { ...trade, to: { ...trade.to, trades: ['jewellers'] } } },
      },
      {
        ...{ as: 'chamber', method: 'PUT', path: of('raised'), body: chamber },
        between: (first) => putInForce(first, 'chamber2'),
        other: { body: { ...chamber, to: { role: 'trade_chamber', trades: ['bakeries'] } } },
      },
    ]
  },
  openUpload: () => {
    const sent = {
      as: 'chamber',
      path: `${SCHEME}/member-imports`,
      body: { name: 'liste.csv' },
      file: 'Nom;Commune;Portable\nTabac neuf;Billom;06 12 34 56 78\n',
    } as const
    const count = async () => ({
      uploads: (await database.db.selectFrom('memberImports').select('id').execute()).length,
    })
    return [
      { ...sent, count, other: { file: `${sent.file}Bar;Billom;\n` } },
      { ...sent, other: { as: 'chamber2' } },
    ]
  },
  reportFromShop: () => {
    const body = { categoryCode: 'counterfeit', facts: 'Deux billets de 50.' }
    return [{ as: 'shop', path: `${SHOP}/reports`, body, other: { body: { ...body, facts: 'Trois.' } } }]
  },
  addPerson: async () => {
    const phone = phoneOf(61)
    const sent = await send({ as: 'shop', path: `${SHOP}/people`, body: { person: 'Zoé', phone } })
    const { schemeId = '', codeId } =
      (await takeWaitingSms(database.db)).find((one) => one.codeId !== null) ?? {}
    const code = codeId ?? ''
    await inScheme(database.db, schemeId, (tx) => admitCode(tx, deps, { schemeId, id: code }))
    const body = { person: 'Zoé', phone, attempt: sent.body.attempt, code: deriveCodeDigits(deps, code) }
    return [{ as: 'shop', path: `${SHOP}/people/confirm`, body, other: { body: { ...body, person: 'Ève' } } }]
  },
}

const FOLLOW_UP = 'its order has a key of the client, with which it is carried out once'
const REPLACED = 'the later one replaces the former'
const ONE_OPEN = 'there is one at a time, and another request is refused'
const CODE = 'a code is sent once a minute, and a later one replaces it'
const SESSION = 'a session whose cookie was lost expires, or is ended in the list of sessions'
const CHALLENGE = 'a challenge that is not used expires'
const KEY_ONCE = 'the challenge can be used once, and the id of a passkey is that of the authenticator'

/** Operations that create a record without an id of the client, with the reason for which the same request again is harmless. */
const WITHOUT_ID: Readonly<Record<string, string>> = {
  ...{ orderFollowUp: FOLLOW_UP, submitFollowUp: FOLLOW_UP, overrideFollowUp: FOLLOW_UP },
  ...{ askAuthorisation: REPLACED, recordAuthorisation: REPLACED },
  ...{ askFollowUpAuthorisation: REPLACED, authoriseFollowUp: REPLACED },
  sendConfirmCode: CODE,
  recordOutcome: 'the later outcome corrects the former, and recipients are thanked once',
  ...{ proposeRelay: ONE_OPEN, acceptRelay: ONE_OPEN },
  ...{ openBreakGlass: ONE_OPEN, sealBreakGlass: REPLACED },
  approveEnrolment: 'a request is decided once',
  importMembers: 'rows of known members are found again',
  applyUpload: 'an upload is imported once',
  publishCharter: 'a text that is in force already is refused',
  ...{ openCampaign: 'a year has one campaign', waiveDues: 'nothing is owed any more' },
  ...{ issueInvoice: 'the issued invoice is found', issueOwnInvoice: 'the issued invoice is found' },
  createDebitFile: 'dues that are in a file are not collected by another one',
  settleDebitFile: 'a file is collected once',
  signMandate: REPLACED,
  ...{ addStatement: 'lines that are known already are left out', applyStatement: 'a line is recorded once' },
  decideStatementLine: 'a line is recorded once',
  beginCardPayment: 'the payment is recorded once the provider reports it, by the id that it has there',
  ...{ signCharter: 'a request to join is submitted once', signOwnCharter: 'a version is signed once' },
  ...{ sendEnrolmentCode: CODE, sendNewPersonCode: CODE, sendOwnPhoneCode: CODE },
  ...{ sendSignInCode: CODE, sendMailSignInCode: CODE },
  ...{ signIn: SESSION, completeSignIn: SESSION, signInByAccountPasskey: SESSION, acceptInvitation: SESSION },
  ...{ signInByCode: SESSION, signInByMail: SESSION, signInByPasskey: SESSION },
  ...{ openDemoSession: SESSION, openDemoPortal: SESSION, endProviderVisit: SESSION },
  ...{ startAccountPasskeySignIn: CHALLENGE, startAccountPasskeyCreation: CHALLENGE },
  ...{ startFactorPasskey: CHALLENGE, startPasskeySignIn: CHALLENGE, startPasskeyCreation: CHALLENGE },
  ...{ startProviderSignIn: CHALLENGE, startProviderFactor: CHALLENGE },
  ...{ addAccountPasskey: KEY_ONCE, addPasskey: KEY_ONCE },
  ...{ prepareCodes: REPLACED, renewRecoveryCodes: REPLACED },
  ...{ inviteAgain: REPLACED, recoverPerson: REPLACED },
  setReportsApart: 'two reports are marked once',
}

/** Operations that create no record: they change, decide, undo, count or read. */
const CREATES_NOTHING = `
  sendUnanswered submitAlert returnAlert rejectAlert approveAlert overrideAlert reviewAlert
  declineAuthorisation previewAudience previewHeldBack listNear previewDoctrine passWords discardAlert
  broadcastAlert stopAlert endAlert approveFollowUp sendUnansweredFollowUp returnFollowUp rejectFollowUp
  discardFollowUp reviewFollowUp declineFollowUpAuthorisation openConfirmation
  readConfirmation decideAuthorisation answerConfirmation verifyMessage traceMark checkAuditChain
  checkInstallationChain endOwnBreakGlass closeBreakGlass liftRequiredSignIn previewMemberChange
  undoMemberChange welcomeMembers undoMerge mergeMemberTag payDemoCardOrder setHandsetState replyFromHandset
  undoPayments cancelDeposit dropDebitFile setDebitFileHanded dropDebit returnDebit
  previewCampaign withdrawCampaign cancelPayment cancelRefund decideStatementLines undoStatement
  refuseEnrolment confirmPhone confirmCodes removeCodes giveFactor unlockSession changePassword
  reportActivity lockSession endSession signOut checkMember decideCorrection checkUpload
  restoreMemberNote recordNumberAnswer changeMemberGroup previewServiceMessage decideServiceMessage
  stopServiceMessage callNextPerson openCall removeRole disablePerson enablePerson endPersonSessions
  endOwnSessions readInvitation changeOwnPhone leaveScheme endContactSessions endContactSession
  answerDataRequest listCrossed declineRelay withdrawRelay refuseReport claimReport releaseReport
  revertReportsApart addToSeries removeFromSeries readTypedCommunes restoreSector previewTerritory
  putSettingChangeInForce rejectSettingChange withdrawSettingChange sendTestMail listAreaCommunes
`

test('every POST takes an id of the client, says why it needs none, or creates nothing', async () => {
  const declared = (await readEndpointGroups()).flatMap(({ endpoints }) => endpoints)
  const others = CREATES_NOTHING.trim().split(/\s+/)
  const listed = [...Object.keys(CREATIONS), ...Object.keys(WITHOUT_ID), ...others]
  const posts = declared.flatMap(({ id, method }) => (method === 'POST' ? [id] : []))
  // Some are sent by PUT.
  const put = Object.keys(CREATIONS).filter((id) => !posts.includes(id as (typeof posts)[number]))
  expect(listed.toSorted()).toEqual([...posts, ...put].toSorted())
})

test('every operation that takes an id of the client is listed', async () => {
  const declared = (await readEndpointGroups()).flatMap(({ endpoints }) => endpoints)
  const isClientId = (schema: unknown) => {
    const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema
    return inner === ClientId
  }
  const taking = declared.filter(({ body, query, method }) =>
    [body, method === 'POST' ? query : undefined].some(
      (shape) => shape instanceof z.ZodObject && isClientId(shape.shape.id),
    ),
  )
  expect(Object.keys(CREATIONS).sort()).toEqual(taking.map(({ id }) => id).sort())
})

test.each(Object.keys(CREATIONS))(
  '%s answers the same request again as the first, and refuses another',
  async (operation) => {
    for (const { other, renewed, count, between, ...sent } of await CREATIONS[operation]!()) {
      const id = deps.newId()
      const request = { ...sent, body: { ...sent.body, id } }
      const first = await send(request)
      expect(first.status, JSON.stringify(first.body)).toBeLessThan(300)
      await between?.(first.body)
      const counted = await count?.()
      if (counted !== undefined) expect(Object.values(counted)).toContain(1)
      const again = await send(request)
      const shown = ({ status, body }: typeof first) => {
        const same = Object.entries(body ?? {}).filter(([key]) => key !== renewed?.key)
        return { status, body: Object.fromEntries(same) }
      }
      expect(shown(again)).toEqual(shown(first))
      expect(await count?.()).toEqual(counted)
      if (renewed !== undefined) {
        const links = [first.body[renewed.key], again.body[renewed.key]]
        expect(await Promise.all(links.map(renewed.open))).toEqual(['invitation_unknown', 'open'])
      }
      const { status, body } = await send({ ...sent, ...other, body: { ...(other.body ?? sent.body), id } })
      const codes = [body.code, ...(body.problems ?? []).map(({ code }: { code: string }) => code)]
      expect({ status, codes }).toMatchObject({
        status: expect.toSatisfy((code: number) => code === 409 || code === 422),
        codes: expect.arrayContaining(['id_taken']),
      })
    }
  },
)
