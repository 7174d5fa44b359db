import type { Geometry } from 'geojson'
import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely'
import type { ReturnedVersion } from './alerts/approval/contract.ts'
import type { ReturnedFollowUp } from './alerts/follow-up/contract.ts'
import type { PassedWords } from './alerts/store.ts'
import type { FactFault } from './audit/seals.ts'
import type { ChainFault } from './audit/verify.ts'
import type { ChangeKind } from './changes/contract.ts'
import type { MergeUndo } from './changes/merge/store.ts'
import type { GatewayReport } from './deliveries/contract.ts'
import type { Lane } from './deliveries/lanes.ts'
import type { ListedPayments } from './dues/bulk/contract.ts'
import type { YearAmount } from './dues/collect/debit-contract.ts'
import type { InvoiceFacts, ReceiptFacts } from './dues/contract.ts'
import type { RefusalReason } from './enrolment/contract.ts'
import type { MessageValue } from './i18n/format.ts'
import type { PreparedContent } from './imports/import/write/prepared.ts'
import type { ReadSheet, RowDecision, UploadReport } from './imports/uploads/contract.ts'
import type { AccessKind, ImportRemark, MemberFilter } from './members/contract.ts'
import type { NoticeKind } from './members/notices.ts'
import type { NumberState } from './members/numbers/rules.ts'
import type { GroupFilter } from './messages/contract.ts'
import type { CallReason, CallSmsState, CallSubject, OnCallHours, OnCallRole } from './on-call/contract.ts'
import type { InLine } from './on-call/rules.ts'
import type { Factor, Role, SchemeRole } from './permissions.ts'
import type { ErasedTraces } from './privacy/requests/contract.ts'
import type {
  AccessSettings,
  DuesSettings,
  EnrolmentSettings,
  MessageSettings,
  NumberSettings,
  SchemeContact,
  ServiceTexts,
} from './schemes/contract.ts'
import type {
  CategoryArea,
  CategoryLevel,
  ContentLevel,
  DoctrineAnswers,
  DoctrineSettings,
} from './schemes/doctrine.ts'
import type { Trade } from './schemes/trades/trades.ts'
import type { ChangeState, SettingPart, SettingSubject } from './settings/rules.ts'
import type { Area } from './territory/contract.ts'

/**
 * The tables as Kysely sees them: camelCase here, snake_case in SQL (converted in platform/db.ts). A test compares the
 * columns with the migrations.
 */
export interface Schema {
  schemes: {
    id: string
    name: string
    territory: JSONColumnType<Area>
    referencePrefix: string
    trades: string[]
    ownTrades: JSONColumnType<Trade[], string | undefined, string>
    tradesVersion: Generated<number>
    sender: string
    closingAdvice: string
    smsPriceMillicents: Generated<number>
    alertLifetimeHours: Generated<number>
    doctrine: JSONColumnType<Partial<DoctrineSettings>, string | undefined, string>
    doctrineVersion: Generated<number>
    doctrineSetAt: Date | null
    doctrineSetBy: string | null
    enrolment: JSONColumnType<Partial<EnrolmentSettings>, string | undefined, string>
    numbers: JSONColumnType<Partial<NumberSettings>, string | undefined, string>
    texts: JSONColumnType<Partial<ServiceTexts>, string | undefined, string>
    contact: JSONColumnType<Partial<SchemeContact>, string | undefined, string>
    dues: JSONColumnType<Partial<DuesSettings>, string | undefined, string>
    messages: JSONColumnType<Partial<MessageSettings>, string | undefined, string>
    access: JSONColumnType<Partial<AccessSettings>, string | undefined, string>
    figuresPublished: Generated<boolean>
    /** Null: that of mainland France (platform/database/time-zone.ts). */
    timeZone: string | null
    /** Languages of the names of its trades and categories. */
    languages: Generated<string[]>
    /** Columns of the definition that were edited in the console, and `category_order`. */
    edited: Generated<string[]>
    createdAt: Date
  }
  categories: {
    schemeId: string
    code: string
    labelFr: string
    labelEn: string
    severity: Severity
    template: string
    position: number
    active: Generated<boolean>
    level: Generated<CategoryLevel>
    area: CategoryArea | null
    version: Generated<number>
  }
  agencies: {
    schemeId: string
    id: string
    code: string
    name: string
    kind: AgencyKind
    zone: JSONColumnType<Area, string | null, string | null> | null
    zoneVersion: Generated<number>
    renamed: Generated<boolean>
    removedZone: string[] | null
    zoneRemovedAt: Date | null
    zoneRemovedBy: string | null
  }
  sectors: {
    schemeId: string
    id: string
    name: string
    communeCodes: string[]
    version: Generated<number>
    removedAt: Date | null
    removedBy: string | null
  }
  user: {
    id: string
    name: string
    email: string
    emailVerified: Generated<boolean>
    image: string | null
    createdAt: Generated<Date>
    updatedAt: Generated<Date>
    disabledAt: Date | null
    passwordDue: Generated<boolean>
    twoFactorEnabled: Generated<boolean>
    lang: 'fr' | 'en' | null
  }
  session: {
    id: string
    userId: string
    token: string
    expiresAt: Date
    ipAddress: string | null
    userAgent: string | null
    createdAt: Generated<Date>
    updatedAt: Generated<Date>
    factorAt: Generated<Date>
    factor: Generated<Factor>
    activeAt: Generated<Date>
    lockedAt: Date | null
    provider: Generated<boolean>
  }
  providerLinks: {
    issuer: string
    subject: string
    userId: string
    uid: string | null
    linkedAt: Date
  }
  providerVisits: {
    stateHash: string
    browserHash: string
    nonce: string
    codeVerifier: string
    purpose: 'sign-in' | 'factor'
    sessionId: string | null
    invitationId: string | null
    createdAt: Date
    expiresAt: Date
  }
  providerWaiting: {
    browserHash: string
    userId: string
    idToken: string
    expiresAt: Date
  }
  providerSessions: {
    sessionId: string
    idToken: string
  }
  twoFactor: {
    id: string
    userId: string
    secret: string
    backupCodes: string
    verified: Generated<boolean>
    failedVerificationCount: number | null
    lockedUntil: Date | null
    createdAt: Generated<Date>
  }
  accountPasskeys: {
    id: string
    userId: string
    publicKey: Buffer
    signCount: Int8
    transports: string[]
    name: string
    createdAt: Date
    usedAt: Date | null
  }
  failureCounts: {
    subject: string
    since: Date
    failures: number
  }
  signInPlaces: {
    place: string
    userId: string
    seenAt: Date
  }
  invitations: {
    id: string
    userId: string
    purpose: 'invite' | 'recover'
    tokenHash: string | null
    createdAt: Date
    createdBy: string
    expiresAt: Date
    usedAt: Date | null
    withdrawnAt: Date | null
  }
  breakGlassSeals: {
    no: number
    sealedAt: Date
    sealedBy: string
    sealedName: string
    firstHash: string | null
    secondHash: string | null
    brokenAt: Date | null
    replacedAt: Date | null
    remindedAt: Date | null
  }
  breakGlassOpenings: {
    id: string
    sealNo: number
    userId: string
    firstName: string
    secondName: string
    reason: string
    drill: boolean
    openedAt: Date
    endsAt: Date
    closedAt: Date | null
    closedBy: string | null
    closedName: string | null
    acts: number | null
    closedWhy: 'person' | 'time' | 'session' | 'replaced' | null
  }
  grants: {
    userId: string
    schemeId: string
    role: Role
    agencyId: string | null
    trades: string[] | null
    countsFrom: Date | null
    /** The scheme, for the reference; null for a role outside the schemes. */
    schemeRef: GeneratedAlways<string> | null
  }
  auditEntries: {
    schemeId: string
    seq: Int8
    at: Date
    actor: string
    action: string
    subject: string
    details: JSONColumnType<Record<string, unknown>>
    prevHash: string
    hash: string
    reasonDigest: string | null
    networkDigest: string | null
  }
  auditReasons: {
    schemeId: string
    seq: Int8
    at: Date
    reason: string
    named: JSONColumnType<Record<string, unknown>>
    salt: string | null
  }
  auditNetworks: { schemeId: string; seq: Int8; at: Date; network: string; salt: string }
  auditHeads: { schemeId: string; seq: Int8; hash: string; anchoredSeq: Generated<Int8> }
  auditAnchors: {
    n: Int8
    at: Date
    statement: string
    keyId: string
    signature: string
    mailedAt: Date | null
    timestampToken: string | null
    stampedAt: Date | null
  }
  auditReads: { schemeId: string; actor: string; subject: string; action: string; at: Date }
  auditSeals: { schemeId: string; kind: string; id: string; note: string }
  auditChecks: {
    schemeId: string
    checkedAt: Date
    entries: Int8
    brokenSeq: Int8 | null
    brokenReason: ChainFault | null
    anchoredAt: Date | null
    anchorProblems: Generated<number>
    facts: JSONColumnType<FactFault[]> | null
  }
  regions: { code: string; name: string }
  departements: { code: string; name: string; liaison: Generated<number>; regionCode: string }
  arrondissements: { code: string; name: string; liaison: Generated<number>; departementCode: string }
  epcis: { code: string; name: string; kind: string }
  communes: {
    code: string
    name: string
    liaison: Generated<number>
    searchName: string
    departementCode: string
    regionCode: string
    arrondissementCode: string | null
    epciCode: string | null
    population: Generated<number>
    postalCodes: Generated<string[]>
    neighbourCodes: string[] | null
    latitude: number | null
    longitude: number | null
    pointSource: 'points' | 'contour' | null
    contour: JSONColumnType<Geometry, string | null, string | null> | null
  }
  referenceLoads: { version: string; loadedAt: Date }
  formerCommunes: { code: string; communeCode: string; name: string | null; searchName: string | null }
  contourImports: {
    departementCode: string
    importedAt: Date
    source: string
    matched: number
    unmatchedCodes: string[]
    missingCodes: string[]
  }
  members: {
    schemeId: string
    id: string
    name: string
    searchName: string
    siret: string | null
    naf: string | null
    naf2025: string | null
    trade: string
    communeCode: string
    address: string | null
    postalCode: string | null
    /** YYYY-MM-DD. */
    joinedOn: string | null
    latitude: number | null
    longitude: number | null
    status: MemberStatus
    createdAt: Date
    updatedAt: Date
    /** When a former or pending member became active, written by a trigger; null for one that has been a member since `createdAt`. */
    admittedAt: Date | null
    smsContacts: Generated<number>
    quietFrom: number | null
    quietTo: number | null
    mergedInto: string | null
    erasedAt: Date | null
    /** Ids of `member_tags`. */
    tags: Generated<string[]>
    /** When it signed the charter on paper (YYYY-MM-DD). */
    charterOn: string | null
  }
  memberNotes: {
    schemeId: string
    memberId: string
    id: string
    text: string
    writtenAt: Date
    author: string
    authorName: string
    editedAt: Date | null
    removedAt: Date | null
    changeId: string | null
  }
  memberTags: {
    schemeId: string
    id: string
    name: string
    createdAt: Date
    removedAt: Date | null
  }
  memberAccesses: {
    schemeId: string
    memberId: string
    userId: string
    name: string
    role: SchemeRole
    what: Generated<AccessKind>
    at: Date
  }
  contacts: {
    schemeId: string
    id: string
    memberId: string
    /** The commune of the member. A trigger and the foreign key write it. */
    communeCode: ColumnType<string, never, never>
    person: string
    mobile: string | null
    mail: string | null
    sms: boolean
    shared: Generated<boolean>
    position: Generated<number>
    mobileAt: Generated<Date>
    mergedFrom: string | null
    lang: 'fr' | 'en' | null
  }
  memberViews: {
    schemeId: string
    id: string
    owner: string
    name: string
    shared: boolean
    filter: JSONColumnType<MemberFilter, string, string>
    /** The permissions of its owner when it was saved: members of these trades (null: all), and full numbers. */
    trades: string[] | null
    numbers: Generated<boolean>
    createdAt: Date
    /** The members of a group chosen by hand. */
    memberIds: string[] | null
  }
  memberChanges: {
    schemeId: string
    id: string
    kind: ChangeKind
    by: string
    byName: string
    at: Date
    note: string | null
    created: number
    updated: number
    undoneAt: Date | null
    undoneBy: string | null
    restored: number | null
    kept: number | null
    partly: number | null
    unfinished: Generated<boolean>
    byJob: Generated<boolean>
    undoingAt: Date | null
    undoingBy: string | null
    undoingTrades: string[] | null
  }
  memberChangeRows: {
    schemeId: string
    changeId: string
    memberId: string
    created: boolean
    before: JSONColumnType<Record<string, unknown>> | null
    after: JSONColumnType<Record<string, unknown>> | null
    /** The request of the member that the change settled. */
    correction: JSONColumnType<Record<string, unknown>> | null
    print: string | null
    undoing: 'restored' | 'kept' | null
    keptFields: string[] | null
    keptWhy: 'changed' | 'history' | 'gone' | null
  }
  memberMerges: {
    schemeId: string
    id: string
    keptMemberId: string
    mergedMemberId: string
    mergedAt: Date
    mergedBy: string
    undoneAt: Date | null
    undo: JSONColumnType<MergeUndo, string | null, string | null> | null
  }
  memberAliases: {
    schemeId: string
    mergeId: string
    ofKept: boolean
    memberId: string
    siret: string | null
    searchName: string
    communeCode: string
  }
  membersApart: { schemeId: string; memberId: string; otherId: string; saidAt: Date; saidBy: string }
  memberImports: {
    schemeId: string
    id: string
    owner: string
    fileName: string
    format: 'csv' | 'xlsx'
    sha256: string
    headers: string[]
    headerLine: number
    fields: (string | null)[]
    rows: number
    createdAt: Date
    touchedAt: Date
    report: JSONColumnType<UploadReport, string | null, string | null> | null
    appliedAt: Date | null
    changeId: string | null
    erased: Generated<number>
    stateNo: Generated<number>
    otherSheets: JSONColumnType<ReadSheet, string | null, string | null> | null
  }
  importAnswers: {
    schemeId: string
    kind: 'commune' | 'trade' | 'status'
    written: string
    answer: string
    at: Date
    /** An actor, as in the audit log; null for answers stored before it was recorded. */
    answeredBy: string | null
    /**
     * The agency of the trade chamber whose lists it is for, or its trades if it has no agency; empty for all lists of the
     * scheme.
     */
    chamber: Generated<string>
  }
  memberImportRows: {
    schemeId: string
    importId: string
    line: number
    /** Written by `markJsonForSealing`. */
    cells: ColumnType<string[] | string, string, string>
    dropped: Generated<boolean>
    edited: Generated<boolean>
    problems: JSONColumnType<ImportRemark[], string | null, string | null> | null
    decision: JSONColumnType<RowDecision, string | null, string | null> | null
    /** The answer that dates a charter that the row says is signed: a day (YYYY-MM-DD), or `joined` for that of joining. */
    charterAnswer: string | null
  }
  memberImportJobs: {
    schemeId: string
    importId: string
    changeId: string
    stateNo: number
    isReady: Generated<boolean>
    total: Generated<number>
    done: Generated<number>
    created: Generated<number>
    updated: Generated<number>
    unchanged: Generated<number>
    attempts: Generated<number>
    payments: JSONColumnType<ListedPayments, string | null, string | null> | null
    failure: string | null
    startedAt: Date
    touchedAt: Date
    endedAt: Date | null
  }
  memberImportJobRows: {
    schemeId: string
    importId: string
    position: number
    /** Written by `markJsonForSealing`. */
    content: ColumnType<PreparedContent | string, string, string>
    memberId: string | null
    isJoined: boolean
    isAside: boolean
    notice: NoticeKind | null
    isLeaving: boolean
  }
  reconfirmations: {
    schemeId: string
    contactId: string
    phone: string
    beganAt: Date
    asks: number
    askedAt: Date
    state: 'open' | 'mine' | 'gone' | 'silent'
    answeredAt: Date | null
    tokenHash: string
  }
  contactSessions: {
    id: string
    tokenHash: string
    phone: string | null
    mail: string | null
    createdAt: Date
    usedAt: Date
    expiresAt: Date
    userAgent: string | null
    network: string | null
  }
  contactPasskeys: {
    id: string
    phone: string | null
    mail: string | null
    contactIds: string[]
    publicKey: Buffer
    signCount: Int8
    transports: string[]
    name: string
    createdAt: Date
    usedAt: Date | null
  }
  passkeyChallenges: { challenge: string; sessionId: string | null; expiresAt: Date }
  mailOutcomes: {
    schemeId: string
    outcome: 'accepted' | 'failed'
    at: Date
    fault: string | null
    code: string | null
  }
  wallDisplays: {
    schemeId: string
    id: string
    tokenHash: string
    openedAt: Date
    openedBy: string
    userId: string | null
    expiresAt: Date
    closedAt: Date | null
  }
  alertReads: { schemeId: string; alertId: string; contactId: string; memberId: string; readAt: Date }
  numberHealth: {
    schemeId: string
    phone: string
    state: Generated<NumberState>
    since: Date
    deliveredAt: Date | null
    unknownAt: Generated<Date[]>
    absentAt: Generated<Date[]>
    notifiedAt: Date | null
  }
  optOuts: {
    schemeId: string
    id: string
    /** Null, as the contact, for a STOP of a number at which no contact received SMS. */
    memberId: string | null
    contactId: string | null
    phone: string
    takes: boolean
    how: OptOutWay
    by: string
    reason: string | null
    gateway: string | null
    messageId: string | null
    at: Date
  }
  charters: {
    schemeId: string
    version: number
    text: string
    sha256: string
    publishedAt: Date
    publishedBy: string | null
  }
  enrolments: {
    schemeId: string
    id: string
    state: EnrolmentState
    tokenHash: string
    name: string
    searchName: string
    siret: string | null
    naf: string | null
    naf2025: string | null
    trade: string
    communeCode: string
    address: string | null
    /** As in the State's register. */
    postalCode: string | null
    latitude: number | null
    longitude: number | null
    verified: boolean
    person: string | null
    mobile: string | null
    mail: string | null
    mobileConfirmedAt: Date | null
    createdAt: Date
    touchedAt: Date
    submittedAt: Date | null
    decidedAt: Date | null
    decidedBy: string | null
    reason: RefusalReason | null
    note: string | null
    memberId: string | null
    lang: 'fr' | 'en' | null
  }
  charterSignatures: {
    schemeId: string
    id: Generated<string>
    /** Null: signed on the portal. */
    enrolmentId: string | null
    version: number
    sha256: string
    signedName: string
    mobile: string | null
    mail: string | null
    contactId: string | null
    sessionId: string | null
    signedAt: Date
    memberId: string | null
  }
  memberNames: {
    schemeId: string
    changes: Int8
  }
  audienceCells: {
    schemeId: string
    communeCode: string
    trade: string
    smsContacts: number
    reachable: number
    members: number
  }
  reports: {
    schemeId: string
    id: string
    categoryCode: string
    communeCode: string
    place: string | null
    calledAt: Date
    occurredAt: Date
    lateReason: string | null
    callerPhone: string | null
    callerName: string | null
    callerMemberId: string | null
    facts: string | null
    agencyId: string | null
    state: ReportState
    refusalCode: string | null
    refusalNote: string | null
    decidedAt: Date | null
    decidedBy: string | null
    createdAt: Date
    createdBy: string
    exercise: Generated<boolean>
    answerText: string | null
    claimedById: string | null
    claimedBy: string | null
    claimedAt: Date | null
    callerContactId: string | null
    formerName: string | null
    /** Reports from the portal only: whether the merchant called 17 too. Null for a call. */
    called17: boolean | null
  }
  callNotes: {
    schemeId: string
    userId: string
    id: string
    /** Written by `markJsonForSealing`. */
    content: ColumnType<Record<string, unknown> | string, string, string>
    version: Generated<number>
    savedAt: Date
  }
  alertCounters: { schemeId: string; year: number; last: number; lastExercise: Generated<number> }
  alerts: {
    schemeId: string
    id: string
    reference: string
    reportId: string
    categoryCode: string
    severity: Severity
    text: string
    area: JSONColumnType<Area>
    areaLabel: string
    trades: string[]
    simulated: boolean
    state: AlertState
    version: Generated<number>
    expiresAt: Date
    createdAt: Date
    createdBy: string
    changedAt: Date | null
    changedBy: string | null
    orderedAt: Date | null
    orderedBy: string | null
    closedAt: Date | null
    closedBy: string | null
    exercise: Generated<boolean>
    traced: Generated<boolean>
    nearConfirmed: Generated<string[]>
    doctrine: JSONColumnType<DoctrineAnswers, string | undefined, string>
    authorIds: Generated<string[]>
    agencyId: string | null
    outsideZone: Generated<boolean>
    zoneAgencyId: string | null
    outsideZoneReason: string | null
    submittedAt: Date | null
    submittedBy: string | null
    submittedHash: string | null
    submittedMembers: number | null
    audienceHash: Generated<string>
    decision: Decision | null
    decidedAt: Date | null
    decidedBy: string | null
    decidedById: string | null
    returned: JSONColumnType<ReturnedVersion> | null
    /** Words that a chief allowed, oldest first. */
    passed: ColumnType<readonly PassedWords[], string | undefined, string>
    decisionReason: string | null
    review: Review | null
    reviewedAt: Date | null
    reviewedBy: string | null
    reviewNote: string | null
    outcome: AlertOutcome | null
    outcomeNote: string | null
    outcomeAt: Date | null
    outcomeBy: string | null
  }
  followUps: {
    schemeId: string
    id: string
    alertId: string
    kind: FollowUpKind
    text: string
    level: ContentLevel
    afterId: string
    orderKey: string
    state: FollowUpState
    version: Generated<number>
    createdAt: Date
    createdBy: string
    authorIds: Generated<string[]>
    submittedAt: Date | null
    submittedBy: string | null
    submittedHash: string | null
    decision: Decision | null
    decidedAt: Date | null
    decidedBy: string | null
    decidedById: string | null
    decisionReason: string | null
    review: Review | null
    reviewedAt: Date | null
    reviewedBy: string | null
    reviewNote: string | null
    broadcastId: string | null
    /** The last return of a second person. */
    returned: JSONColumnType<ReturnedFollowUp> | null
  }
  authorisations: {
    schemeId: string
    id: string
    alertId: string
    /** Null: the authorisation is of the first message. */
    followUpId: string | null
    magistrate: string
    service: string
    givenAt: Date
    scope: string
    contentHash: string
    recordedAt: Date
    recordedBy: string
    voidAt: Date | null
    voidWhy: 'changed' | 'replaced' | 'denied' | null
    magistrateId: string | null
    confirmation: 'pending' | 'confirmed' | 'denied' | null
    answeredAt: Date | null
    answerNote: string | null
  }
  alertEvents: {
    schemeId: string
    alertId: string
    seq: GeneratedAlways<number>
    at: Date
    kind: string
    by: string | null
    reason: string | null
    details: JSONColumnType<Record<string, string | number>, string | undefined, string>
  }
  series: { schemeId: string; id: string; title: string | null; createdAt: Date; createdBy: string }
  seriesReports: { schemeId: string; reportId: string; seriesId: string; addedAt: Date; addedBy: string }
  seriesApart: { schemeId: string; reportId: string; otherId: string; saidAt: Date; saidBy: string }
  relays: {
    id: string
    fromSchemeId: string
    fromAlertId: string
    fromName: string
    toSchemeId: string
    state: RelayState
    note: string | null
    reference: string
    text: string
    categoryCode: string
    labelFr: string
    labelEn: string
    severity: Severity
    level: ContentLevel
    communeCode: string
    calledAt: Date
    occurredAt: Date
    exercise: boolean
    proposedAt: Date
    proposedBy: string
    decidedAt: Date | null
    decidedBy: string | null
    declineReason: string | null
    toReportId: string | null
  }
  broadcasts: {
    schemeId: string
    id: string
    /** Null: part of no alert. */
    alertId: string | null
    reportId: string | null
    text: string
    encoding: 'GSM-7' | 'UCS-2'
    parts: number
    sender: string
    lane: Lane
    afterBroadcastId: string | null
    kind: Generated<BroadcastKind>
    level: ContentLevel | null
    orderKey: string | null
    simulated: boolean
    state: BroadcastState
    validUntil: Date
    orderedAt: Date
    orderedBy: string
    planned: number
    accepted: Generated<number>
    delivered: Generated<number>
    inDoubt: Generated<number>
    failed: Generated<number>
    expired: Generated<number>
    withdrawn: Generated<number>
    possibleDuplicates: Generated<number>
    retryAt: Date | null
    resent: Generated<number>
    resentAt: Date | null
    firstSubmitAt: Date | null
    allAcceptedAt: Date | null
    doneAt: Date | null
    markKey: Int8 | null
    markAt: number | null
    contentHash: string | null
    codeId: string | null
    codeKey: string | null
    healthNo: Generated<number>
    talliedAt: Date | null
  }
  oneTimeCodes: {
    schemeId: string
    id: string
    purpose: CodePurpose
    subject: string
    phoneHash: string
    addressHash: string
    blockHash: string | null
    inTurn: Generated<boolean>
    budget: Generated<CodeBudget>
    costMillicents: Generated<number>
    nextAt: Date
    createdAt: Date
    expiresAt: Date
    sentAt: Date | null
    usedAt: Date | null
    tries: Generated<number>
  }
  outbox: {
    schemeId: string
    id: string
    channel: 'sms' | 'mail'
    address: string
    memberId: string | null
    template: string
    values: JSONColumnType<Record<string, MessageValue>>
    link: string | null
    annex: string | null
    attachments: JSONColumnType<StoredAttachment[]>
    codeId: string | null
    lane: Generated<'vital' | 'service' | 'reminder'>
    simulated: Generated<boolean>
    cause: string | null
    kept: Generated<boolean>
    createdAt: Date
    createdBy: string
    validUntil: Date
    handingAt: Date | null
    sentAt: Date | null
    withdrawnAt: Date | null
    reachedAt: Date | null
    lang: 'fr' | 'en' | null
  }
  deliveries: {
    schemeId: string
    broadcastId: string
    no: number
    contactId: string
    memberId: string
    phone: string
    communeCode: string
    trade: string
    state: Generated<DeliveryState>
    possibleDuplicate: Generated<boolean>
    attempts: Generated<number>
    gateway: string | null
    /** Separated by spaces. */
    messageIds: string | null
    deliveredIds: string[] | null
    errorCode: number | null
    acceptedAt: Date | null
    inDoubtAt: Date | null
    settledAt: Date | null
  }
  dataRequests: {
    schemeId: string
    id: string
    kind: 'access' | 'rectification' | 'erasure' | 'objection'
    memberId: string | null
    person: string
    via: 'letter' | 'mail' | 'phone' | 'desk'
    receivedOn: string
    dueOn: string
    state: Generated<'open' | 'done' | 'refused'>
    answer: Generated<string>
    createdAt: Date
    createdBy: string
    decidedAt: Date | null
    decidedBy: string | null
    erased: number | null
    traces: JSONColumnType<ErasedTraces, string | undefined, string> | null
  }
  serviceMessages: {
    schemeId: string
    id: string
    channel: 'sms' | 'mail'
    subject: string
    text: string
    filter: JSONColumnType<GroupFilter, string, string>
    trades: string[] | null
    state: 'waiting' | 'sent' | 'refused'
    recipients: number
    writtenAt: Date
    writtenBy: string
    writer: string
    decidedAt: Date | null
    decidedBy: string | null
    decider: string | null
    reason: string | null
    broadcastId: string | null
    stoppedAt: Date | null
    stoppedBy: string | null
    stopper: string | null
  }
  serviceMessageMails: {
    schemeId: string
    messageId: string
    address: string
    withdrawnAt: Date | null
  }
  serviceMessageReceivers: { schemeId: string; messageId: string; memberId: string }
  memberCorrections: {
    schemeId: string
    memberId: string
    name: string | null
    siret: string | null
    trade: string | null
    communeCode: string | null
    address: string | null
    postalCode: string | null
    askedAt: Date
    askedBy: string
    declinedAt: Date | null
    reason: string | null
  }
  memberNotices: {
    schemeId: string
    /** Id of the change or of the merge. */
    changeId: string
    memberId: string
    kind: 'suspend' | 'resume' | 'leave' | 'welcome'
    channel: 'sms' | 'mail'
    dueAt: Date
    sentAt: Date | null
    messages: Generated<number>
    reachedAt: Date | null
    withdrawnAt: Date | null
  }
  deliveryTallies: {
    schemeId: string
    broadcastId: string
    trade: string
    gateway: string
    planned: number
    delivered: number
    failed: number
    expired: number
    withdrawn: number
  }
  /** `communeCode` '': counted before communes were distinguished. */
  memberCounts: { schemeId: string; day: string; trade: string; communeCode: string; active: number }
  deliveryChunks: {
    schemeId: string
    broadcastId: string
    firstNo: number
    lastNo: number
    state: Generated<'ready' | 'claimed' | 'done'>
    workerId: Int8 | null
    claims: Generated<number>
    claimedAt: Date | null
    notBefore: Date | null
  }
  deliveryAttempts: {
    schemeId: string
    broadcastId: string
    no: number
    at: Date
    outcome: 'refused' | 'unknown' | 'accepted_late' | 'memory_full'
    gateway: string | null
    errorCode: number | null
    messageIds: string | null
  }
  departures: {
    schemeId: string
    phone: string
    at: Date
    checks: Generated<number>
    checkAt: Date | null
  }
  formerNumbers: { schemeId: string; phone: string; at: Date }
  workers: {
    id: Int8
    place: GeneratedAlways<number>
    name: string
    startedAt: Date
    beatAt: Generated<Date>
    dividingBy: number
    gateways: JSONColumnType<GatewayReport[]>
  }
  solicitations: { schemeId: string; phone: string; latest: Date[]; alert: Date[]; notice: Date[] }
  solicitedBroadcasts: { schemeId: string; broadcastId: string; orderedAt: Date }
  heldBack: {
    schemeId: string
    alertId: string
    phone: string
    contactId: string
    memberId: string
    communeCode: string
    trade: string
    reason: HoldReason
    heldAt: Date
    dueAt: Date
    notifiedAt: Date | null
    broadcastId: string | null
  }
  decidedAlone: { schemeId: string; subject: SettingSubject; item: string; decidedAt: Date }
  settingChanges: {
    schemeId: string
    id: string
    subject: SettingSubject
    parts: JSONColumnType<SettingPart[]>
    reason: string
    alone: boolean
    proposedBy: string
    proposedName: string
    proposedAt: Date
    readyAt: Date
    expiresAt: Date
    state: Exclude<ChangeState, 'expired'>
    decidedBy: string | null
    decidedName: string | null
    decidedAt: Date | null
    decisionReason: string | null
  }
  onCallPeople: {
    schemeId: string
    id: string
    role: OnCallRole
    name: string
    service: string | null
    userId: string | null
    agencyId: string | null
    phone: string | null
    mail: string | null
    hours: JSONColumnType<OnCallHours[]>
    version: Generated<number>
    createdAt: Date
    removedAt: Date | null
  }
  onCallAbsences: {
    schemeId: string
    id: string
    personId: string
    substituteId: string | null
    fromAt: Date
    untilAt: Date
  }
  callOuts: {
    schemeId: string
    id: string
    alertId: string
    followUpId: string | null
    subject: CallSubject
    role: OnCallRole
    about: string
    exercise: boolean
    waitSeconds: number
    line: JSONColumnType<InLine[]>
    startedAt: Date
    dueAt: Date | null
    endedAt: Date | null
    endedWhy: string | null
    scope: string | null
    askedBy: string | null
    endedBy: string | null
    endedNote: string | null
  }
  callOutCalls: {
    schemeId: string
    callOutId: string
    id: string
    no: number
    personId: string
    name: string
    at: Date
    why: CallReason
    again: boolean
    smsId: string | null
    mailId: string | null
    smsState: CallSmsState | null
    smsAt: Date | null
    openedAt: Date | null
  }
  observers: { schemeId: string; id: string; agencyId: string | null; name: string; phone: string }
  providerMessages: { digest: string; until: Date | null }
  unknownReceipts: {
    gateway: string
    messageId: string
    receivedAt: Date
    state: string
    phone: string | null
    reference: number | null
    errorCode: number | null
  }
  duesCampaigns: {
    schemeId: string
    year: number
    feeCents: number
    tradeFees: JSONColumnType<Record<string, number>>
    proRata: boolean
    dueOn: string
    openedAt: Date
    openedBy: string
  }
  dues: {
    schemeId: string
    year: number
    memberId: string
    amountCents: number
    dueOn: string
    assessedAt: Date
    waivedCents: Generated<number>
    mergedCents: Generated<number>
  }
  duesCounters: { schemeId: string; name: string; last: number }
  ledgerEntries: {
    schemeId: string
    no: number
    enteredOn: string
    kind: LedgerKind
    memberId: string
    member: string
    piece: string
    /** The year whose amount due a waiver cancels, if it cancels one. */
    year: number | null
    writtenAt: Date
    writtenBy: string
  }
  ledgerLines: {
    schemeId: string
    no: number
    line: number
    account: LedgerAccount
    memberId: string | null
    debitCents: number
    creditCents: number
  }
  duesPayments: {
    schemeId: string
    id: string
    memberId: string
    way: PaymentWay
    amountCents: number
    receivedOn: string
    reference: string
    outsideId: string | null
    entryNo: number
    recordedAt: Date
    recordedBy: string
    cancelledAt: Date | null
    cancelledBy: string | null
    cancelReason: string | null
    cancelEntryNo: number | null
    batchId: string | null
  }
  duesPaymentBatches: {
    schemeId: string
    id: string
    recordedAt: Date
    recordedBy: string
    undoneAt: Date | null
    undoneBy: string | null
    list: string | null
  }
  duesDeposits: {
    schemeId: string
    id: string
    year: number
    no: number
    depositedOn: string
    iban: string
    holder: string
    cheques: number
    amountCents: number
    createdAt: Date
    createdBy: string
    cancelledAt: Date | null
    cancelledBy: string | null
  }
  duesInvoices: {
    schemeId: string
    year: number
    no: number
    memberId: string
    duesYear: number
    facts: JSONColumnType<InvoiceFacts>
    issuedAt: Date
    issuedBy: string
    correctsYear: number | null
    correctsNo: number | null
  }
  duesCheques: {
    schemeId: string
    paymentId: string
    bank: Generated<string>
    drawer: Generated<string>
    depositId: string | null
    elsewhere: Generated<boolean>
  }
  duesNotices: {
    schemeId: string
    id: string
    year: number
    memberId: string
    kind: DuesNoticeKind
    step: Generated<number>
    at: Date
    by: string
    contacts: Generated<string[]>
    mails: Generated<number>
    inPerson: 'phone' | 'letter' | 'visit' | null
    note: Generated<string>
    messages: Generated<number>
    reachedAt: Date | null
  }
  duesRefunds: {
    schemeId: string
    id: string
    memberId: string
    paymentId: string | null
    way: Exclude<PaymentWay, 'debit'>
    amountCents: number
    paidOn: string
    reference: string
    reason: string
    entryNo: number
    recordedAt: Date
    recordedBy: string
    cancelledAt: Date | null
    cancelledBy: string | null
    cancelReason: string | null
    cancelEntryNo: number | null
  }
  duesWithdrawn: {
    schemeId: string
    year: number
    memberId: string
    amountCents: number
    dueOn: string
    withdrawnAt: Date
  }
  duesSuspensions: { schemeId: string; memberId: string; suspendedAt: Date; restoredAt: Date | null }
  duesMandates: {
    schemeId: string
    id: string
    memberId: string
    reference: string
    iban: string
    ibanEnd: string
    holder: string
    text: string
    signedName: string
    signedBy: string
    signedAt: Date
    usedAt: Date | null
    revokedAt: Date | null
    revokedBy: string | null
  }
  duesDebitFiles: {
    schemeId: string
    id: string
    no: number
    collectOn: string
    xml: string
    state: 'created' | 'collected' | 'dropped'
    createdAt: Date
    createdBy: string
    settledAt: Date | null
    settledBy: string | null
    version: Generated<number>
    downloadedAt: Date | null
    handedAt: Date | null
    handedBy: string | null
  }
  duesDebitFileVersions: {
    schemeId: string
    fileId: string
    version: number
    xml: string
    replacedAt: Date
    replacedBy: string
    debitId: string
    takenAt: Date | null
  }
  duesStatements: {
    schemeId: string
    id: string
    file: string
    format: 'camt053' | 'cfonb120' | 'csv'
    uploadedAt: Date
    uploadedBy: string
    known: number
    debits: number
    old: number
    toCome: Generated<number>
  }
  duesStatementEntries: {
    schemeId: string
    id: string
    statementId: string
    line: number
    digest: string
    bookedOn: string
    amountCents: number
    state: 'open' | 'returned' | 'applied' | 'set_aside'
    returned: 'credit' | 'debit' | null
    /** Written by `markJsonForSealing`; null after its retention. */
    details: ColumnType<StatementDetails | string, string | null, string | null> | null
    paymentId: string | null
    /** Shares only: the movement of the file that was split. */
    splitOf: string | null
    /** Open lines only: nothing said that it is about dues when its statement was last matched. */
    unrelated: Generated<boolean>
    decidedAt: Date | null
    decidedBy: string | null
  }
  duesDebits: {
    schemeId: string
    id: string
    fileId: string
    memberId: string
    mandateId: string
    amountCents: number
    endToEnd: string
    state: 'pending' | 'collected' | 'returned' | 'dropped'
    returnCode: string | null
    paymentId: string | null
    years: JSONColumnType<YearAmount[], string | undefined>
  }
  duesReceipts: {
    schemeId: string
    year: number
    no: number
    /** Set for a receipt of a payment; `refundId` for one of a refund. */
    paymentId: string | null
    refundId: string | null
    memberId: string
    cancels: boolean
    facts: JSONColumnType<ReceiptFacts>
    issuedAt: Date
  }
  encryption: { id: Generated<boolean>; since: Generated<Date>; indexCheck: string; searchedAt: Date | null }
  pseudonyms: {
    pseudonym: string
    sealed: string
    end4: string
    end7: string
    keptAt: Generated<Date>
    unusedSince: Date | null
  }
  schemaMigrations: {
    version: number
    name: string
    hash: string
    appliedAt: Date
    /** The release that still works after it (ADR 58). Null: none before the one that has it. */
    compatibleWith: string | null
  }
}

/** bigint: read as a number (every use here stays under 2^53). */
type Int8 = ColumnType<number, number | bigint, number | bigint>

export type Severity = 'vital' | 'alert' | 'notice'
/** Reasons for which an alert holds a recipient back: quiet hours, or the weekly budget. */
export type HoldReason = 'quiet' | 'fatigue'
export type AgencyKind = 'police' | 'gendarmerie' | 'chamber' | 'prosecutor' | 'observer'
export type EnrolmentState = 'draft' | 'submitted' | 'approved' | 'refused'
/** An attachment of a waiting mail: its content as base64, its MIME type. */
export interface StoredAttachment {
  name: string
  type: string
  base64: string
}
/** The kind of a ledger entry: a fee billed, a payment, the cancellation of either, a waiver. */
export type LedgerKind = 'call' | 'payment' | 'cancellation' | 'waiver' | 'withdrawal' | 'refund'
/** An account by its role; the chamber chooses its number (schemes/contract.ts). */
export type LedgerAccount = 'receivable' | 'income' | 'bank' | 'cheques' | 'cash' | 'cards'
/**
 * The kind of a message to a member about its dues: payment request, reminder, warning, suspension, end of the
 * suspension; announcement of a debit, and its withdrawal; withdrawal of a payment request.
 */
export type DuesNoticeKind =
  | 'call'
  | 'reminder'
  | 'warning'
  | 'suspended'
  | 'restored'
  | 'debit'
  | 'debit_dropped'
  | 'withdrawn'
/** Means of payment of dues. `debit`: SEPA direct debit. */
export type PaymentWay = 'transfer' | 'cheque' | 'cash' | 'card' | 'debit'
/** Ways in which a number is opted out, or in again. */
export type OptOutWay = 'inbound' | 'portal' | 'chamber' | 'link'
export type MemberStatus = 'pending' | 'active' | 'suspended' | 'left'
export type ReportState = 'waiting' | 'broadcast' | 'refused'
export type AlertState =
  | 'draft'
  | 'submitted'
  | 'returned'
  | 'rejected'
  | 'approved'
  | 'broadcasting'
  | 'active'
  | 'updated'
  | 'ended'
  | 'cancelled'
  | 'expired'
  | 'discarded'
/** States of an alert that sends nothing any more, except follow-ups to the recipients it had reached. */
export const OVER = [
  'rejected',
  'ended',
  'cancelled',
  'expired',
  'discarded',
] as const satisfies readonly AlertState[]
/** The decision of the second person, or that a chief ordered without one. */
export type Decision = 'returned' | 'rejected' | 'approved' | 'overridden'
/** The review of an alert that was sent without the second person. */
export type Review = 'open' | 'justified' | 'not_justified'
/** The kinds of follow-up that a user writes. */
export type FollowUpKind = 'update' | 'correction' | 'all_clear'
/** `draft`: only inside the transaction that writes it; `ordered`: sent, by its author or the second person. */
export type FollowUpState = 'draft' | 'submitted' | 'returned' | 'rejected' | 'ordered' | 'discarded'
/** The outcome of an alert: an arrest, no result so far, unknown. */
export type AlertOutcome = 'arrest' | 'nothing' | 'unknown'
/**
 * The kind of a broadcast: the first message of an alert, its follow-ups (update, correction, all-clear, closing
 * message at its expiry, thanks with its outcome), a copy for observers; or a message outside alerts: the reply to the
 * caller of a refused report, the digest of held-back alerts, a one-time code, a service message.
 */
export type BroadcastKind =
  | 'first'
  | 'update'
  | 'correction'
  | 'all_clear'
  | 'closing'
  | 'thanks'
  | 'copy'
  | 'answer'
  | 'digest'
  | 'code'
  | 'service'
  | 'group'
/** The purpose of a one-time code. */
export type CodePurpose = 'enrolment' | 'sign_in' | 'phone_change' | 'authorisation'
export type CodeBudget = 'join' | 'sign_in' | 'known_device' | 'change' | 'other'
export type RelayState = 'proposed' | 'accepted' | 'declined' | 'withdrawn'
export type BroadcastState = 'running' | 'settling' | 'stopped' | 'done'
export type DeliveryState =
  | 'planned'
  | 'accepted'
  | 'delivered'
  | 'in_doubt'
  | 'failed'
  | 'expired'
  | 'withdrawn'

/** The payer of a movement of a bank statement, and the bank's text. */
interface StatementDetails {
  readonly name: string
  readonly text: string
  /** A batch of transfers of which the bank does not write each amount. */
  readonly isBatch?: boolean
}
