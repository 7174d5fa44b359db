/** The functions of one file that work across schemes, and why they must. */
interface Crossing {
  readonly reason: string
  readonly functions: readonly string[]
}

/**
 * The functions that send a statement in no transaction of one scheme, by file, methods as `Class.method`. A test compares
 * this list with the sources (isolation.test.ts): a function that is not listed fails it, and so does one that no longer does so.
 * Before adding a function, see whether it can work in one scheme (`inScheme`, `inShop`).
 */
export const ACROSS_SCHEMES: Readonly<Record<string, Crossing>> = {
  'src/alerts/audience/held-back.ts': {
    reason: 'A clock asks in which schemes a digest of alerts held back is due.',
    functions: ['listSchemesWithDueDigests'],
  },
  'src/alerts/compose/explain.ts': {
    reason: 'The command line names an alert by its reference, without its scheme.',
    functions: ['getNamedAlert'],
  },
  'src/alerts/proof/verify.ts': {
    reason: 'Anybody checks an SMS by its mark or text, without naming a scheme.',
    functions: ['verifyMessage'],
  },
  'src/alerts/store.ts': {
    reason:
      'Clocks ask in which schemes alerts are over, or were sent, before they close them one scheme at a time.',
    functions: ['listOverdue', 'listSentBroadcasting'],
  },
  'src/audit/anchors/anchor-mails.ts': {
    reason:
      'An anchor covers the chains of all schemes, and is mailed to the persons whom the installation names.',
    functions: ['queueAnchorMails', 'sendAnchorMail'],
  },
  'src/audit/anchors/anchors.ts': {
    reason: 'An anchor covers the chains of all schemes and is numbered once for the installation.',
    functions: ['anchorIfDue', 'eachAnchor'],
  },
  'src/audit/anchors/bundle.ts': {
    reason: 'The anchors of a bundle belong to the installation; its entries are those of one chain.',
    functions: ['exportBundle'],
  },
  'src/audit/chain.ts': {
    reason: 'The general chain, that of the installation, belongs to no scheme.',
    functions: ['inChain'],
  },
  'src/audit/checks.ts': {
    reason: 'The background check asks which chains are due, those of every scheme and the general one.',
    functions: ['checkDueChains'],
  },
  'src/audit/reads.ts': {
    reason: 'A job deletes expired records of accesses to personal data in every scheme.',
    functions: ['purgeReads'],
  },
  'src/audit/seals.ts': {
    reason:
      'The engine seals the facts of every scheme, and verification compares them without being a user of one.',
    functions: ['compareFacts', 'sealDue'],
  },
  'src/audit/anchors/stamp.ts': {
    reason: 'Timestamps are requested for anchors, which belong to the installation.',
    functions: ['createStamper', 'findUnstamped'],
  },
  'src/audit/verify.ts': {
    reason: 'Verification covers the chains of all schemes and the general one.',
    functions: ['readChainPage', 'verifyAudit'],
  },
  'src/backup/clone.ts': {
    reason:
      'It holds the connection while the files of the database are copied, and reads nothing of a scheme.',
    functions: ['cloneTo', 'readLinesBesideOthers', 'withCheckpoint'],
  },
  'src/backup/load.ts': {
    reason: 'A backup holds every scheme; it fills an empty database, as the owner of its tables.',
    functions: ['loadLines', 'requireEmpty', 'requireNotNewer'],
  },
  'src/backup/read.ts': {
    reason: 'A backup holds every scheme: it reads all tables from one snapshot, and opens no sealed value.',
    functions: ['readLines'],
  },
  'src/backup/store.ts': {
    reason: 'A backup goes on the record of the installation.',
    functions: ['makeBackup'],
  },
  'src/break-glass/close.ts': {
    reason: 'The break-glass account belongs to the installation, and its end is recorded in every scheme.',
    functions: ['closeOpen', 'watchBreakGlass'],
  },
  'src/break-glass/lift.ts': {
    reason: 'The break-glass account lists the schemes in which nobody can sign in.',
    functions: ['listLockedSchemes'],
  },
  'src/break-glass/open.ts': {
    reason: 'The break-glass account is opened before there is a session, and announced in every scheme.',
    functions: ['breakAndOpen', 'reportRefusal'],
  },
  'src/break-glass/seal.ts': {
    reason:
      'The envelopes of the break-glass account belong to the installation, and a seal is recorded there.',
    functions: ['sealBreakGlass'],
  },
  'src/break-glass/store.ts': {
    reason: 'The seal and the openings of the break-glass account belong to the installation.',
    functions: ['findLatest', 'findSeal', 'listOpenings'],
  },
  'src/changes/handlers.ts': {
    reason: 'Jobs delete what undoing needed once its time has passed, in every scheme.',
    functions: ['registerChangeJobs'],
  },
  'src/changes/notices.ts': {
    reason: 'A job asks in which schemes notices about changes are due.',
    functions: ['sendDueNotices'],
  },
  'src/changes/undo.ts': {
    reason: 'A process resumes what was being undone, or was interrupted, in whichever scheme.',
    functions: ['resumeUndoings', 'revertInterruptedChanges'],
  },
  'src/commands/messages/deliveries.ts': {
    reason:
      'The command line finds deliveries by reference or number, and then the time zone of their scheme.',
    functions: ['deliveriesCommand'],
  },
  'src/cli/restore.ts': {
    reason: 'A restore reads which logins the server has.',
    functions: ['printMissingRoles'],
  },
  'src/commands/doctor/doctor.ts': {
    reason:
      'The doctor examines the server, the workers and the last checks of every chain; it reads no row of a member.',
    functions: [
      'examineAudit',
      'examineBackups',
      'examineClock',
      'examineConnections',
      'examineReplica',
      'examineSettings',
      'examineSize',
      'examineWorkers',
    ],
  },
  'src/commands/keys/keys.ts': {
    reason: 'The keys of encryption are those of the installation, and so is the count of values under each.',
    functions: ['keysCommand'],
  },
  'src/deliveries/claim/claims.ts': {
    reason: 'The engine claims chunks of every scheme, since all share its routes and workers.',
    functions: [
      'claimChunks',
      'expireDeliveries',
      'findChain',
      'findHeldChunks',
      'findSettlingWork',
      'findStopped',
      'findUnfinished',
      'findUnreceipted',
      'nextChunkInMs',
      'releaseChunks',
      'resendInDoubt',
      'settleLostChunks',
    ],
  },
  'src/deliveries/claim/departures.ts': {
    reason: 'The engine withdraws deliveries to numbers that left, whatever the scheme.',
    functions: ['pruneDepartures', 'withdrawDeparted'],
  },
  'src/deliveries/claim/stop.ts': {
    reason: 'The engine withdraws what was stopped, whatever the scheme.',
    functions: ['withdraw'],
  },
  'src/deliveries/handlers.ts': {
    reason:
      'Jobs of the engine ask whether anything is being sent in the installation, and purge in every scheme.',
    functions: ['isSending', 'registerDeliveryJobs'],
  },
  'src/deliveries/plan/code-budgets.ts': {
    reason: 'A clock compares what codes cost in each scheme with its budget.',
    functions: ['notifyBudgetLow', 'readCodeBudgets'],
  },
  'src/deliveries/plan/direct.ts': {
    reason: 'A job reports which SMS to single persons were delivered, in every scheme.',
    functions: ['recordReachedSms'],
  },
  'src/deliveries/receipt/inbound.ts': {
    reason: 'A message from a phone names a number, which may belong to members of several schemes.',
    functions: ['optOutOfAnswered', 'replyUnread'],
  },
  'src/deliveries/receipt/receipt-lookup.ts': {
    reason: 'A receipt names an id of a provider or a number, and no scheme.',
    functions: ['findSent', 'readAccepted'],
  },
  'src/deliveries/receipt/receipts.ts': {
    reason: 'The engine purges receipts that match no delivery, and which therefore have no scheme.',
    functions: ['ReceiptMatcher.prune'],
  },
  'src/deliveries/receipt/strays.ts': {
    reason: 'Receipts that match no delivery yet have no scheme.',
    functions: ['findStrays', 'forgetStrays', 'keepStrays'],
  },
  'src/deliveries/receipt/taken-messages.ts': {
    reason: 'A message from a phone names no scheme, and is handled once for all.',
    functions: ['rememberTaken', 'wasTaken'],
  },
  'src/deliveries/send/broadcast.ts': {
    reason: 'A worker reads a broadcast that it claimed, whichever scheme it is of.',
    functions: ['readRunning'],
  },
  'src/deliveries/send/sending.ts': {
    reason: 'A worker ends a broadcast that it claimed, whichever scheme it is of.',
    functions: ['Sending.endStopped', 'Sending.finish'],
  },
  'src/deliveries/settle/health.ts': {
    reason: 'The health of routes is that of all messages on them.',
    functions: ['readHealth'],
  },
  'src/deliveries/settle/ledger.ts': {
    reason: 'A worker writes outcomes in batches that hold deliveries of several schemes.',
    functions: ['logAttempts', 'writeOutcomes'],
  },
  'src/deliveries/settle/memory-full.ts': {
    reason: 'The engine tries full phones once more, in every scheme.',
    functions: ['findFirstSendings', 'markBothDelivered', 'retryMemoryFull'],
  },
  'src/deliveries/settle/prune.ts': {
    reason: 'Jobs delete expired deliveries, receipts and former numbers in every scheme.',
    functions: ['pruneDeliveries', 'pruneFormerNumbers', 'pruneUnknownReceipts'],
  },
  'src/deliveries/settle/tallies.ts': {
    reason: 'The engine counts the results of broadcasts that changed, in every scheme.',
    functions: ['tallyBroadcasts'],
  },
  'src/deliveries/status/explain.ts': {
    reason: 'Receipts that match no delivery have no scheme.',
    functions: ['findStrayReceipts'],
  },
  'src/deliveries/status/report.ts': {
    reason: 'Workers belong to the installation.',
    functions: ['readWorkers'],
  },
  'src/deliveries/workers.ts': {
    reason: 'Workers and their locks belong to the installation.',
    functions: ['hasUnlockedWorkers', 'holdLock', 'removeDeadWorkers', 'startWorker'],
  },
  'src/demo/alerts.ts': {
    reason: 'The demo fills itself once, before anybody has a session.',
    functions: ['findRecent', 'seedDemoAlerts'],
  },
  'src/demo/counted-alerts.ts': {
    reason: 'The demo fills itself once, before anybody has a session.',
    functions: ['seedCountedAlerts'],
  },
  'src/demo/doors.ts': {
    reason: 'The demo opens sessions of its invented people, in several schemes.',
    functions: ['actorOfDoor', 'ensureUser', 'findMerchant'],
  },
  'src/demo/doubles.ts': {
    reason: 'The demo fills itself once, before anybody has a session.',
    functions: ['seedDemoDoubles'],
  },
  'src/demo/dues.ts': {
    reason: 'The demo fills itself once, before anybody has a session.',
    functions: ['seedDemoDues'],
  },
  'src/demo/handsets.ts': {
    reason: 'The demo shows the simulated phones of all its schemes.',
    functions: ['findMemberPhones', 'findOwners'],
  },
  'src/demo/joined.ts': {
    reason: 'The demo fills itself once, before anybody has a session.',
    functions: ['seedDemoJoining'],
  },
  'src/demo/members.ts': {
    reason: 'The demo fills itself once, before anybody has a session.',
    functions: ['findTobacconistOfIssoire'],
  },
  'src/demo/seed.ts': {
    reason: 'The demo fills itself once, and only an installation without any scheme.',
    functions: ['isDemoFilled', 'refuseRealInstallation', 'seedDemo'],
  },
  'src/dues/collect/card.ts': {
    reason: 'A webhook about a card payment names the payment, and no scheme.',
    functions: ['recordCardRefund'],
  },
  'src/dues/reminders/work.ts': {
    reason: 'A clock asks for which schemes the daily work on dues is to be done.',
    functions: ['runDailyDues'],
  },
  'src/encryption/first.ts': {
    reason: 'Numbers are stored once over all schemes, and are first encrypted together.',
    functions: ['encryptNumbers'],
  },
  'src/encryption/remember.ts': {
    reason: 'Numbers are stored once over all schemes, and a process reads all at its start.',
    functions: ['rememberNumbers'],
  },
  'src/encryption/rotate.ts': {
    reason: 'Numbers are stored once over all schemes, and change their key in slices of all.',
    functions: ['countNumbers', 'rotateSlice'],
  },
  'src/encryption/sealed-columns.ts': {
    reason: 'Sealed values of every scheme are counted, and sealed with another key.',
    functions: ['learnNumbers', 'readPage', 'sealColumn'],
  },
  'src/encryption/state.ts': {
    reason: 'A start checks that the keys are those under which the installation was encrypted.',
    functions: ['requireKeys'],
  },
  'src/encryption/unused.ts': {
    reason: 'A number that is stored once is deleted when no scheme uses it any more.',
    functions: ['deleteUnusedNumbers'],
  },
  'src/enrolment/handlers.ts': {
    reason: 'A job purges expired requests to join in every scheme.',
    functions: ['registerEnrolmentJobs'],
  },
  'src/enrolment/store.ts': {
    reason: 'A job purges expired requests to join in every scheme.',
    functions: ['purgeEnrolments'],
  },
  'src/identity/sign-in/attempts.ts': {
    reason: 'Failures are counted before any session exists, by account, network and browser.',
    functions: [
      'checkWithinBudget',
      'countOpeningAttempt',
      'countSecretAttempt',
      'purgePlaces',
      'rememberSignIn',
      'reportingWrong',
    ],
  },
  'src/identity/auth.ts': {
    reason: 'The library of sessions reads and writes accounts, which are one over all schemes.',
    functions: ['createLibrary', 'createSecondFactor'],
  },
  'src/identity/codes/codes.ts': {
    reason: 'Codes to sign in are requested before any scheme is known, and a job purges them.',
    functions: ['purgeCodes'],
  },
  'src/identity/sign-in/factors.ts': {
    reason: 'A second factor belongs to an account, which is one over all schemes.',
    functions: ['completeSignIn', 'endOpened', 'isLinked', 'verifyCodeOf'],
  },
  'src/identity/sign-in/failures.ts': {
    reason: 'Failures are counted before any session exists, and a job purges them.',
    functions: ['countFailure', 'purgeFailures', 'uncountFailure'],
  },
  'src/identity/sessions/idle.ts': {
    reason: 'A session belongs to an account, which is one over all schemes.',
    functions: ['lockSession', 'reportActivity'],
  },
  'src/identity/invitations.ts': {
    reason: 'A link of an invitation is opened before there is a session.',
    functions: ['findInvitation', 'issueToken', 'purgeInvitations'],
  },
  'src/identity/passkeys/passkeys.ts': {
    reason: 'A passkey belongs to an account and signs in before any scheme is known.',
    functions: ['addAccountPasskey', 'checkAccountPasskey', 'passkeysOf', 'removeAccountPasskey'],
  },
  'src/identity/provider/provider-sign-in.ts': {
    reason: 'An answer of an identity provider comes before any scheme is known.',
    functions: ['completeProviderSignIn', 'endVisit', 'openProviderSession', 'recordRefusal'],
  },
  'src/identity/provider/provider-store.ts': {
    reason: 'Visits to an identity provider begin and end before there is a session.',
    functions: ['deleteVisits', 'findIdToken', 'insertVisit', 'rememberIdToken', 'takeVisit'],
  },
  'src/identity/replaced-secret.ts': {
    reason: 'Codes of applications are sealed anew for all accounts when the secret is replaced.',
    functions: ['renewAllCodes', 'renewCodesOf', 'renewRow'],
  },
  'src/identity/sessions/session.ts': {
    reason: 'A session is created before any scheme is known, and its account may have roles in several.',
    functions: ['changePassword', 'createSessions', 'recordIdentity'],
  },
  'src/identity/sign-in/sign-in-needs.ts': {
    reason: 'What a scheme requires of a sign-in is read over all schemes of the account.',
    functions: ['requireOwnSecondFactor'],
  },
  'src/identity/store.ts': {
    reason: 'Accounts are one over all schemes, and the grants of an account may be of several.',
    functions: [
      'findAccountState',
      'findPasswordHash',
      'findUserByMail',
      'listAuthors',
      'listGrants',
      'namesOfActors',
      'noteAccountLang',
      'replacePasswordHash',
      'storeAccountLang',
    ],
  },
  'src/identity/passkeys/webauthn.ts': {
    reason: 'Challenges of passkeys are created and consumed before there is a session.',
    functions: ['consumeChallenge', 'createChallenge'],
  },
  'src/imports/handlers.ts': {
    reason: 'A job purges expired uploads of every scheme.',
    functions: ['registerImportJobs'],
  },
  'src/imports/jobs/run.ts': {
    reason: 'A process resumes what was being imported, in whichever scheme.',
    functions: ['resumeImports'],
  },
  'src/jobs.ts': {
    reason: 'The queue of jobs belongs to the installation.',
    functions: [
      'areJobsInstalled',
      'areQueuesCurrent',
      'countJobs',
      'installJobs',
      'listQueues',
      'startJobs',
    ],
  },
  'src/members/handlers.ts': {
    reason: 'Jobs delete the state of unused numbers, and count members, in every scheme.',
    functions: ['registerMemberJobs'],
  },
  'src/members/numbers/reconfirm.ts': {
    reason: 'A clock asks the yearly question in every scheme, and the link in it names no scheme.',
    functions: ['findSchemeOfToken', 'sendYearlyQuestions'],
  },
  'src/messages/sending.ts': {
    reason: 'A job writes mails of service messages in batches, from one queue of every scheme.',
    functions: ['writeSomeMails'],
  },
  'src/on-call/call-outs.ts': {
    reason: 'A clock advances calls to people on call in every scheme.',
    functions: ['advanceCallOuts'],
  },
  'src/on-call/handlers.ts': {
    reason: 'A start enqueues one job that advances calls of every scheme.',
    functions: ['registerOnCallJobs'],
  },
  'src/outbox/account-failures.ts': {
    reason: 'A failed sign-in is recorded and mailed for an account, before any scheme is known.',
    functions: ['recordAccountFailure'],
  },
  'src/outbox/handlers.ts': {
    reason: 'A clock resumes mails and SMS that wait in the outbox of any scheme.',
    functions: ['resume'],
  },
  'src/outbox/store.ts': {
    reason: 'The outbox sends for every scheme and for the installation, whose messages have none.',
    functions: ['claimMail', 'finishMessage', 'isMailWaiting', 'listStale', 'releaseMail', 'releaseMails'],
  },
  'src/people/accounts.ts': {
    reason: 'An account is one over all schemes: who may act on it is decided from its roles in all.',
    functions: ['findAccount', 'listAccounts'],
  },
  'src/people/act.ts': {
    reason: 'An act on an account is allowed, carried out and recorded in every scheme where it has a role.',
    functions: ['changeAccount'],
  },
  'src/people/invitations/invitations.ts': {
    reason: 'An invitation is accepted before there is a session, and may give roles in several schemes.',
    functions: ['acceptInvitation'],
  },
  'src/people/invitations/invite.ts': {
    reason: 'An invitation finds or opens an account, which is one over all schemes.',
    functions: ['invitePerson'],
  },
  'src/people/list.ts': {
    reason:
      'The accounts with a role in a scheme are listed with their roles in others, which decide who may act on them.',
    functions: ['listPeople'],
  },
  'src/people/roles/roles.ts': {
    reason: 'A role is changed together with the account, which is one over all schemes.',
    functions: ['changeGrant'],
  },
  'src/people/sessions.ts': {
    reason: 'Sessions belong to an account, which is one over all schemes.',
    functions: ['listOwnSessions', 'listPersonSessions'],
  },
  'src/platform/database/database-clock.ts': {
    reason: 'The clock of the database belongs to the installation.',
    functions: ['followDatabaseClock'],
  },
  'src/platform/db.ts': {
    reason:
      'Connections are opened here, and transactions take the role of a scheme, of a contact or across schemes.',
    functions: [
      'acrossSchemes',
      'inScheme',
      'inShop',
      'traitsOf',
      'openEmbedded',
      'openPostgres',
      'readServerVersion',
    ],
  },
  'src/platform/http/live.ts': {
    reason: 'Notifications between processes belong to the installation; each names its scheme.',
    functions: ['shareLive'],
  },
  'src/platform/database/migrate.ts': {
    reason: 'Migrations change the tables of all schemes, as their owner.',
    functions: [
      'findLockHolder',
      'migrate',
      'readApplied',
      'requireOwner',
      'requireRoles',
      'withMigrationLock',
    ],
  },
  'src/platform/database/replica.ts': {
    reason: 'Compares how far two servers are; it reads no table.',
    functions: ['findWritten', 'measureBehind', 'measureLag'],
  },
  'src/platform/database/upkeep.ts': {
    reason: 'Tables are vacuumed as a whole.',
    functions: ['vacuumDueTables'],
  },
  'src/portal/handlers.ts': {
    reason: 'Jobs purge the expired sessions of contacts of every scheme.',
    functions: ['registerPortalJobs'],
  },
  'src/portal/session/passkeys.ts': {
    reason: 'A passkey of a contact signs in at all its shops, which may be in several schemes.',
    functions: ['addPasskey', 'heldByHolder', 'removePasskey', 'signInByPasskey'],
  },
  'src/portal/shop/phones.ts': {
    reason: 'A contact changes its number at all its shops, which may be in several schemes.',
    functions: ['changeOwnPhone', 'listContactNumbers', 'sendNewPersonCode', 'sendOwnPhoneCode'],
  },
  'src/portal/session/session.ts': {
    reason: 'A session of a contact opens all its shops, which may be in several schemes.',
    functions: [
      'endContactSession',
      'endContactSessions',
      'findContactActor',
      'noteBrowser',
      'openContactSession',
      'sessionsOfHolder',
    ],
  },
  'src/portal/session/sign-in.ts': {
    reason: 'A contact signs in by a number or address, which may belong to members of several schemes.',
    functions: ['sendMailSignInCode', 'sendSignInCode'],
  },
  'src/portal/store.ts': {
    reason: 'Contacts and sessions are found by number, address or token, which name no scheme.',
    functions: [
      'findSendingScheme',
      'findSession',
      'findSessionById',
      'listChartersToSign',
      'listShops',
      'purgeSessions',
    ],
  },
  'src/privacy/file/actions.ts': {
    reason: 'A person signs in to the portal once for all schemes: devices and passkeys belong to none.',
    functions: ['collectFile'],
  },
  'src/privacy/requests/actions.ts': {
    reason: 'An erasure covers what the chamber cannot see, such as reports held by the forces.',
    functions: ['answerDataRequest', 'previewErasure'],
  },
  'src/privacy/retention/purge.ts': {
    reason: 'A clock purges expired rows of every scheme.',
    functions: ['purgeSome'],
  },
  'src/relays/store.ts': {
    reason: 'An alert is proposed to neighbouring schemes, which see what was shared of it.',
    functions: ['findSchemes', 'listTerritories', 'readShared'],
  },
  'src/schemes/settings/access.ts': {
    reason: 'The break-glass account lifts required sign-ins in the schemes where nobody can sign in.',
    functions: ['allowAnySignIn'],
  },
  'src/schemes/actions.ts': {
    reason:
      'Schemes are created and listed for the whole installation, and pages of no scheme name every chamber.',
    functions: ['listChambers', 'listSchemes', 'loadDefinition'],
  },
  'src/schemes/file/create.ts': {
    reason: 'Schemes are created and listed for the whole installation.',
    functions: ['createScheme', 'listAllSchemes'],
  },
  'src/schemes/settings/general.ts': {
    reason: 'A new prefix of references is compared with those of the other schemes.',
    functions: ['setSchemeGeneral'],
  },
  'src/schemes/neighbours.ts': {
    reason: 'Neighbouring schemes are found by their communes.',
    functions: ['listNeighbours'],
  },
  'src/settings/actions.ts': {
    reason:
      'A proposed role is put in force in the transaction that opens the account; a reference prefix is compared with those of the other schemes.',
    functions: ['withOpenChange'],
  },
  'src/start/http/health.ts': {
    reason: 'The health of the process includes one statement without any table.',
    functions: ['databaseAnswers'],
  },
  'src/start/operation/operation.ts': {
    reason: 'The versions are those of the whole installation.',
    functions: ['readVersions'],
  },
  'src/start/metrics/backlog.ts': {
    reason: 'Figures for monitoring are those of the whole installation.',
    functions: ['findLastBackup', 'readBacklog'],
  },
  'src/start/metrics/durations.ts': {
    reason: 'Figures for monitoring are those of the whole installation.',
    functions: ['readBroadcastTimes'],
  },
  'src/start/metrics/metrics.ts': {
    reason: 'Figures for monitoring are those of the whole installation.',
    functions: ['countDeliveries'],
  },
  'src/start/process.ts': {
    reason:
      'A start prepares the database, and lists the schemes that its configuration names and that do not exist.',
    functions: ['prepareDatabase', 'printUnknownSchemes'],
  },
  'src/start/recorded.ts': {
    reason: 'A change of the configuration of the process is recorded in the general chain.',
    functions: ['findSecretChange', 'recordConfiguration'],
  },
  'src/start/schema.ts': {
    reason: 'The schema is prepared or compared with this version; the login of the process is checked.',
    functions: ['asOwner', 'hasTables', 'readLogin', 'readPending', 'requireProcessLogin', 'requireUtf8'],
  },
  'src/territory/map/import.ts': {
    reason: 'Départements and contours belong to no scheme.',
    functions: ['getDepartement', 'importContours'],
  },
  'src/territory/map/map.ts': { reason: 'Contours belong to no scheme.', functions: ['findContours'] },
  'src/territory/reference/reference.ts': {
    reason: 'Regions and communes belong to no scheme.',
    functions: ['ensureReference', 'loadReference'],
  },
}
