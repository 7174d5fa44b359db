import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  Outlet,
} from '@tanstack/react-router'
import type { ComponentType, FunctionComponent } from 'react'
import type { FollowUpKind } from '../src/alerts/follow-up/contract.ts'
import { type AlertsSearch, alertStages } from './console/alerts/search.ts'
import type { AuditSearch } from './console/audit/search.ts'
import { type DuesSearch, duesFacets } from './console/dues/campaign/search.ts'
import type { EnrolmentsSearch } from './console/enrolments/EnrolmentsPage.tsx'
import type { ImportSearch } from './console/import/ImportPage.tsx'
import { type JournalSearch, refusalReasons, reportStates } from './console/journal/search.ts'
import { charterFacets, type MembersSearch, memberDues, memberOrders } from './console/members/search.ts'
import { type NumbersSearch, numberFacets } from './console/numbers/search.ts'
import { type SettingsSearch, settingsParts } from './console/settings/search.ts'
import type { Right } from './console/shell/current.tsx'
import { SETTINGS_RIGHTS } from './console/shell/rail/homes.ts'
import { periods, type StatisticsSearch } from './console/statistics/search.ts'
import type { JoinStep } from './join/enrol/JoinPage.tsx'
import type { TextPart } from './messages/parts.ts'
import { loadOnceEntered } from './portal/sign-in/entered.ts'
import { loadTexts } from './ui/format/text.ts'
import { BrokenPage } from './ui/frame/Boundary.tsx'
import { NotFoundPage } from './ui/frame/NotFoundPage.tsx'
import { lazyPart } from './ui/loading/lazyPart.ts'
import { preloadRest, restPart } from './ui/mantine/rest.ts'

function Broken({ error, reset }: ErrorComponentProps) {
  return <BrokenPage error={error} reset={reset} />
}

const importShell = () => import('./console/shell/Shell.tsx')
type Shells = Awaited<ReturnType<typeof importShell>>

/** Waits for the first texts, but not for the other files that the room does not need at once. */
const REST_AFTER_MS = 1000

/** Makes the pages that need what `load` loads. */
const pagesWith =
  (load: () => Promise<unknown>) =>
  <Module extends object>(importPage: () => Promise<Module>, name: keyof Module) =>
    lazyPart(async () => {
      const [pages] = await Promise.all([importPage(), load()])
      return pages[name] as FunctionComponent
    })
/** A page for everybody: with its own texts only, and the styles that every page has. */
const publicPage = <Module extends object>(
  importPage: () => Promise<Module>,
  name: keyof Module,
  ...texts: readonly TextPart[]
) => pagesWith(() => loadTexts('public', ...texts))(importPage, name)

/** A page of the portal, with its own texts. */
const portalPage = pagesWith(() => loadTexts('portal'))
/** A page of the portal behind its sign-in, which is shown without loading the page. */
const memberPage = <Module extends object>(importPage: () => Promise<Module>, name: keyof Module) => {
  const Page = portalPage(importPage, name)
  return Object.assign(() => <Page />, { preload: () => loadOnceEntered(() => Page.preload?.()) })
}
/** Any other page, with all texts and styles. */
const page = pagesWith(restPart.load)

function guarded(
  Guard: Shells['Guard'],
  right: Right | readonly Right[],
  Screen: ComponentType,
): FunctionComponent {
  return () => (
    <Guard right={right}>
      <Screen />
    </Guard>
  )
}

/** A screen of the console that requires a permission, or any of several. */
const behind = <Module extends object>(
  right: Right | readonly Right[],
  importScreen: () => Promise<Module>,
  name: keyof Module,
  loadRest: () => unknown = restPart.load,
) =>
  lazyPart(async () => {
    const [{ Guard }, screens] = await Promise.all([importShell(), importScreen(), loadRest()])
    return guarded(Guard, right, screens[name] as ComponentType)
  })

const one = <T extends string>(value: unknown, among: readonly T[]): T | undefined =>
  among.find((candidate) => candidate === value)
const words = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
const yearOf = (value: unknown): number | undefined =>
  /^20\d\d$/.test(String(value)) ? Number(value) : undefined
/** 2026-03-12 */
const day = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined
/** Removes the parameters without a value. */
function withoutUndefined<T extends object>(search: { [key in keyof T]: T[key] | undefined }): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T
}

const root = createRootRoute({ component: Outlet })

const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  /** `vers`: the screen requested before signing in; a path of this site only. */
  validateSearch: (search: Record<string, unknown>): { vers?: string } => {
    const target = words(search.vers)
    return withoutUndefined({ vers: target !== undefined && /^\/[a-z]/.test(target) ? target : undefined })
  },
  component: publicPage(() => import('./start/StartPage.tsx'), 'StartPage'),
})

const verify = createRoute({
  getParentRoute: () => root,
  path: '/verifier',
  component: publicPage(() => import('./verify/VerifyPage.tsx'), 'VerifyPage'),
})

const number = createRoute({
  getParentRoute: () => root,
  path: '/numero/$token',
  component: publicPage(() => import('./numbers/NumberPage.tsx'), 'NumberPage', 'links'),
})

const demoCard = createRoute({
  getParentRoute: () => root,
  path: '/demo/carte/$order',
  component: publicPage(() => import('./demo/CardPage.tsx'), 'CardPage', 'links'),
})

const confirmation = createRoute({
  getParentRoute: () => root,
  path: '/parquet/$scheme/$id',
  component: publicPage(() => import('./confirm/ConfirmPage.tsx'), 'ConfirmPage', 'links'),
})

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: publicPage(() => import('./invitation/InvitationPage.tsx'), 'InvitationPage', 'links'),
})

const breakGlass = createRoute({
  getParentRoute: () => root,
  path: '/secours',
  /** `fin`: the account was closed from its own session. */
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<{ fin?: 'oui' }>({ fin: one(search.fin, ['oui'] as const) }),
  component: publicPage(() => import('./break-glass/BreakGlassPage.tsx'), 'BreakGlassPage', 'breakGlass'),
})

const providerDepart = createRoute({
  getParentRoute: () => root,
  path: '/connexion/depart',
  validateSearch: (search: Record<string, unknown>): { pour: 'sign-in' | 'factor' } => ({
    pour: one(search.pour, ['sign-in', 'factor'] as const) ?? 'sign-in',
  }),
  component: publicPage(() => import('./start/ProviderPages.tsx'), 'ProviderDepartPage'),
})

const providerReturn = createRoute({
  getParentRoute: () => root,
  path: '/connexion/retour',
  component: publicPage(() => import('./start/ProviderPages.tsx'), 'ProviderReturnPage'),
})

const scheme = createRoute({
  getParentRoute: () => root,
  path: '/dispositif/$scheme',
  component: publicPage(() => import('./join/scheme/SchemePage.tsx'), 'SchemePage'),
})

const privacy = createRoute({
  getParentRoute: () => root,
  path: '/dispositif/$scheme/donnees',
  component: publicPage(() => import('./join/scheme/PrivacyPage.tsx'), 'PrivacyPage', 'notices'),
})

const accessibility = createRoute({
  getParentRoute: () => root,
  path: '/accessibilite',
  component: publicPage(() => import('./join/scheme/AccessibilityPage.tsx'), 'AccessibilityPage', 'notices'),
})

const schemeAccessibility = createRoute({
  getParentRoute: () => root,
  path: '/dispositif/$scheme/accessibilite',
  component: publicPage(
    () => import('./join/scheme/AccessibilityPage.tsx'),
    'SchemeAccessibilityPage',
    'notices',
  ),
})

const status = createRoute({
  getParentRoute: () => root,
  path: '/dispositif/$scheme/etat',
  component: publicPage(() => import('./join/scheme/StatusPage.tsx'), 'StatusPage'),
})

const join = createRoute({
  getParentRoute: () => root,
  path: '/dispositif/$scheme/inscription',
  /** `etape`: an earlier step that was opened again. */
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<{ etape?: JoinStep }>({
      etape: one(search.etape, ['commerce', 'contact', 'code', 'charte'] as const),
    }),
  component: publicPage(() => import('./join/enrol/JoinPage.tsx'), 'JoinPage'),
})

const portalReport = createRoute({
  getParentRoute: () => portal,
  path: '/signaler',
  component: memberPage(() => import('./portal/alerts/ReportPage.tsx'), 'ReportPage'),
})

const portalShop = createRoute({
  getParentRoute: () => portal,
  path: '/commerce',
  component: memberPage(() => import('./portal/shop/ShopPage.tsx'), 'ShopPage'),
})

const portalDues = createRoute({
  getParentRoute: () => portal,
  path: '/cotisation',
  /** `carte`: returned from the payment provider after paying. */
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<{ carte?: 'merci' }>({ carte: one(search.carte, ['merci'] as const) }),
  component: memberPage(() => import('./portal/dues/DuesPage.tsx'), 'DuesPage'),
})

const portalCharter = createRoute({
  getParentRoute: () => portal,
  path: '/charte',
  component: memberPage(() => import('./portal/account/CharterPage.tsx'), 'CharterPage'),
})

const portalAccount = createRoute({
  getParentRoute: () => portal,
  path: '/compte',
  component: memberPage(() => import('./portal/account/AccountPage.tsx'), 'AccountPage'),
})

const portalData = createRoute({
  getParentRoute: () => portal,
  path: '/donnees',
  component: memberPage(() => import('./portal/account/DataPage.tsx'), 'DataPage'),
})

/** The page that the SMS to a person on call opens, without the frame of the console. */
const approver = createRoute({
  getParentRoute: () => root,
  path: '/valider/$scheme/$alertId',
  /** `suite`: the follow-up to decide on, in place of the first message. */
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<{ suite?: string }>({ suite: words(search.suite) }),
  component: page(() => import('./console/approval/phone/ApproverPage.tsx'), 'ApproverPage'),
})

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: lazyPart(async () => {
    const [{ Shell }] = await Promise.all([importShell(), loadTexts('room')])
    return Shell
  }),
  notFoundComponent: NotFoundPage,
})

const room = createRoute({
  getParentRoute: () => shell,
  path: '/salle',
  /** `signalement`: the report to open. */
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<{ signalement?: string }>({ signalement: words(search.signalement) }),
  component: behind(
    'alert.compose',
    () => import('./console/room/AlertRoom.tsx'),
    'AlertRoom',
    () => preloadRest(REST_AFTER_MS),
  ),
})

const wallScreens = createRoute({
  getParentRoute: () => shell,
  path: '/salle/mural',
  component: behind('wall.open', () => import('./console/wall/WallScreensPage.tsx'), 'WallScreensPage'),
})

/** On the wall of a control room, without the frame of the console. */
const wall = createRoute({
  getParentRoute: () => root,
  path: '/mur',
  component: page(() => import('./wall/WallPage.tsx'), 'WallPage'),
})

const today = createRoute({
  getParentRoute: () => shell,
  path: '/aujourdhui',
  component: behind('today.read', () => import('./console/today/TodayPage.tsx'), 'TodayPage'),
})

const approvals = createRoute({
  getParentRoute: () => shell,
  path: '/a-valider',
  component: behind('report.read', () => import('./console/approval/ApprovalsPage.tsx'), 'ApprovalsPage'),
})

const handover = createRoute({
  getParentRoute: () => shell,
  path: '/releve',
  component: behind('report.read', () => import('./console/handover/HandoverPage.tsx'), 'HandoverPage'),
})

const alerts = createRoute({
  getParentRoute: () => shell,
  path: '/alertes',
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<AlertsSearch>({ etat: one(search.etat, alertStages), q: words(search.q) }),
  component: behind('alert.read', () => import('./console/alerts/AlertsPage.tsx'), 'AlertsPage'),
})

const alert = createRoute({
  getParentRoute: () => shell,
  path: '/alertes/$alertId',
  /** `suite`: the kind of follow-up to start writing. */
  validateSearch: (search: Record<string, unknown>): { suite?: FollowUpKind } =>
    withoutUndefined({ suite: one(search.suite, ['update', 'correction', 'all_clear'] as const) }),
  component: behind('alert.read', () => import('./console/alerts/page/AlertPage.tsx'), 'AlertPage'),
})

const portal = createRoute({
  getParentRoute: () => root,
  path: '/portail',
  component: portalPage(() => import('./portal/frame/PortalShell.tsx'), 'PortalShell'),
  notFoundComponent: portalPage(() => import('./portal/frame/PortalShell.tsx'), 'NotFound'),
})

const portalHome = createRoute({
  getParentRoute: () => portal,
  path: '/',
  component: memberPage(() => import('./portal/alerts/AlertsPage.tsx'), 'AlertsPage'),
})

const journal = createRoute({
  getParentRoute: () => shell,
  path: '/journal',
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<JournalSearch>({
      etat: one(search.etat, reportStates),
      categorie: words(search.categorie),
      service: words(search.service),
      motif: one(search.motif, refusalReasons),
      du: day(search.du),
      au: day(search.au),
      q: words(search.q),
      exercices: one(search.exercices, ['oui'] as const),
      statistiques: one(search.statistiques, ['oui'] as const),
    }),
  component: behind('report.read', () => import('./console/journal/JournalPage.tsx'), 'JournalPage'),
})

const auditSearch = (search: Record<string, unknown>) =>
  withoutUndefined<AuditSearch>({
    acte: words(search.acte),
    auteur: words(search.auteur),
    du: day(search.du),
    au: day(search.au),
  })

/** The form is open when the address says so: a search, a link or the back key opens and closes it. */
const newSearch = (search: Record<string, unknown>) =>
  withoutUndefined<{ nouveau?: 'oui' }>({ nouveau: one(search.nouveau, ['oui'] as const) })

const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  validateSearch: auditSearch,
  component: behind('audit.read', () => import('./console/audit/AuditPage.tsx'), 'AuditPage'),
})

const installationAudit = createRoute({
  getParentRoute: () => shell,
  path: '/audit-installation',
  validateSearch: auditSearch,
  component: behind(
    'audit.read_installation',
    () => import('./console/audit/AuditPage.tsx'),
    'InstallationAuditPage',
  ),
})

const schemes = createRoute({
  getParentRoute: () => shell,
  path: '/dispositifs',
  validateSearch: newSearch,
  component: behind('scheme.create', () => import('./console/schemes/SchemesPage.tsx'), 'SchemesPage'),
})

const operation = createRoute({
  getParentRoute: () => shell,
  path: '/exploitation',
  component: behind('operation.read', () => import('./console/operation/OperationPage.tsx'), 'OperationPage'),
})

const series = createRoute({
  getParentRoute: () => shell,
  path: '/series',
  component: behind('series.read', () => import('./console/series/SeriesPage.tsx'), 'SeriesPage'),
})

const members = createRoute({
  getParentRoute: () => shell,
  path: '/adherents',
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<MembersSearch>({
      q: words(search.q),
      metier: words(search.metier),
      commune: words(search.commune),
      etat: one(search.etat, ['pending', 'active', 'suspended', 'left', 'unnotified'] as const),
      numeros: one(search.numeros, numberFacets),
      cotisation: one(search.cotisation, memberDues),
      secteur: words(search.secteur),
      codePostal: one(search.codePostal, ['absent'] as const),
      tri: one(search.tri, memberOrders),
      charte: one(search.charte, charterFacets),
      etiquette: words(search.etiquette),
      groupe: words(search.groupe),
      membre: words(search.membre),
      nouveau: one(search.nouveau, ['oui'] as const),
      modifications: one(search.modifications, ['oui'] as const),
    }),
  component: behind('member.read', () => import('./console/members/list/MembersPage.tsx'), 'MembersPage'),
})

const doubles = createRoute({
  getParentRoute: () => shell,
  path: '/adherents/doublons',
  component: behind('member.merge', () => import('./console/doubles/DoublesPage.tsx'), 'DoublesPage'),
})

const member = createRoute({
  getParentRoute: () => shell,
  path: '/adherents/$memberId',
  // `corriger`: with the form open.
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<{ corriger?: 'oui' }>({ corriger: one(search.corriger, ['oui'] as const) }),
  component: behind('member.read', () => import('./console/members/member/MemberPage.tsx'), 'MemberPage'),
})

const importing = createRoute({
  getParentRoute: () => shell,
  path: '/importer',
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<ImportSearch>({ liste: words(search.liste) }),
  component: behind('member.import', () => import('./console/import/ImportPage.tsx'), 'ImportPage'),
})

const sectors = createRoute({
  getParentRoute: () => shell,
  path: '/secteurs',
  validateSearch: newSearch,
  component: behind('sector.manage', () => import('./console/sectors/SectorsPage.tsx'), 'SectorsPage'),
})

const numbers = createRoute({
  getParentRoute: () => shell,
  path: '/numeros',
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<NumbersSearch>({
      facette: one(search.facette, numberFacets),
      q: words(search.q),
      metier: words(search.metier),
      membre: words(search.membre),
    }),
  component: behind('number.read', () => import('./console/numbers/NumbersPage.tsx'), 'NumbersPage'),
})

const dues = createRoute({
  getParentRoute: () => shell,
  path: '/cotisations',
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<DuesSearch>({
      annee: yearOf(search.annee),
      etat: one(search.etat, [...duesFacets, 'all'] as const),
      q: words(search.q),
      metier: words(search.metier),
      membre: words(search.membre),
      nouveau: one(search.nouveau, ['oui'] as const),
    }),
  component: behind('dues.read', () => import('./console/dues/campaign/DuesPage.tsx'), 'DuesPage'),
})

const payments = createRoute({
  getParentRoute: () => shell,
  path: '/cotisations/paiements',
  // The members that were ticked in the campaign.
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<{ adherents?: string; nouveau?: 'oui' }>({
      adherents: words(search.adherents),
      nouveau: one(search.nouveau, ['oui'] as const),
    }),
  component: behind('dues.manage', () => import('./console/dues/payments/PaymentsPage.tsx'), 'PaymentsPage'),
})

const debits = createRoute({
  getParentRoute: () => shell,
  path: '/cotisations/prelevements',
  component: behind('dues.manage', () => import('./console/dues/payments/PaymentsPage.tsx'), 'DebitsPage'),
})

const accounting = createRoute({
  getParentRoute: () => shell,
  path: '/cotisations/comptabilite',
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<{ annee?: number }>({ annee: yearOf(search.annee) }),
  component: behind('dues.export', () => import('./console/dues/AccountingPage.tsx'), 'AccountingPage'),
})

const statistics = createRoute({
  getParentRoute: () => shell,
  path: '/statistiques',
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<StatisticsSearch>({
      periode: one(search.periode, periods),
      du: day(search.du),
      au: day(search.au),
      secteur: words(search.secteur),
      metier: words(search.metier),
      categorie: words(search.categorie),
    }),
  component: behind(
    'statistics.read',
    () => import('./console/statistics/StatisticsPage.tsx'),
    'StatisticsPage',
  ),
})

const messages = createRoute({
  getParentRoute: () => shell,
  path: '/messages',
  // `groupe`: the view or group to which the new message is.
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<{ nouveau?: 'oui'; groupe?: string }>({
      nouveau: one(search.nouveau, ['oui'] as const),
      groupe: words(search.groupe),
    }),
  component: behind('message.read', () => import('./console/messages/MessagesPage.tsx'), 'MessagesPage'),
})

const enrolments = createRoute({
  getParentRoute: () => shell,
  path: '/demandes',
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<EnrolmentsSearch>({
      etat: one(search.etat, ['submitted', 'approved', 'refused'] as const),
      demande: words(search.demande),
    }),
  component: behind(
    'enrolment.read',
    () => import('./console/enrolments/EnrolmentsPage.tsx'),
    'EnrolmentsPage',
  ),
})

const routes = createRoute({
  getParentRoute: () => shell,
  path: '/routes',
  component: behind('route.read', () => import('./console/routes/RoutesPage.tsx'), 'RoutesPage'),
})

const settings = createRoute({
  getParentRoute: () => shell,
  path: '/reglages',
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<SettingsSearch>({
      partie: one(search.partie, settingsParts),
      membre: words(search.membre),
      nouveau: one(search.nouveau, ['oui'] as const),
    }),
  component: behind(SETTINGS_RIGHTS, () => import('./console/settings/SettingsPage.tsx'), 'SettingsPage'),
})

const account = createRoute({
  getParentRoute: () => shell,
  path: '/compte',
  // Also of a role that may do nothing yet, because its scheme requires a factor that is added here.
  component: behind([], () => import('./console/account/AccountPage.tsx'), 'AccountPage'),
})

const phones = createRoute({
  getParentRoute: () => shell,
  path: '/telephones',
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<{ q?: string; tel?: string }>({ q: words(search.q), tel: words(search.tel) }),
  component: page(() => import('./phones/PhonesPage.tsx'), 'PhonesPage'),
})

const mails = createRoute({
  getParentRoute: () => shell,
  path: '/courriels',
  validateSearch: (search: Record<string, unknown>) =>
    withoutUndefined<{ courriel?: string }>({ courriel: words(search.courriel) }),
  component: page(() => import('./phones/MailsPage.tsx'), 'MailsPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    start,
    verify,
    number,
    demoCard,
    confirmation,
    invitation,
    breakGlass,
    providerDepart,
    providerReturn,
    scheme,
    privacy,
    accessibility,
    schemeAccessibility,
    status,
    join,
    approver,
    wall,
    portal.addChildren([
      portalHome,
      portalReport,
      portalShop,
      portalDues,
      portalAccount,
      portalData,
      portalCharter,
    ]),
    shell.addChildren([
      room,
      wallScreens,
      today,
      approvals,
      handover,
      alerts,
      alert,
      journal,
      audit,
      installationAudit,
      schemes,
      operation,
      series,
      members,
      member,
      importing,
      doubles,
      sectors,
      numbers,
      dues,
      payments,
      debits,
      accounting,
      enrolments,
      messages,
      statistics,
      routes,
      settings,
      account,
      phones,
      mails,
    ]),
  ]),
  defaultPreload: 'intent',
  defaultNotFoundComponent: publicPage(() => import('./start/NotFound.tsx'), 'NotFound'),
  defaultErrorComponent: Broken,
  scrollRestoration: true,
  // Another order or filter begins at its top; the list stays where it is when `resetScroll` is false.
  scrollToTopSelectors: ['[data-list]'],
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
