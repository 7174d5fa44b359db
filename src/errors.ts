/** Every refusal that the API can return, with its HTTP status. web/api/passing.ts lists those that may pass. */
export const errorCodes = {
  invalid_input: { status: 422 },
  file_exists: { status: 409 },
  invalid_file: { status: 422 },
  file_too_large: { status: 413 },
  not_signed_in: { status: 401 },
  session_locked: { status: 423 },
  wrong_credentials: { status: 401 },
  second_factor_due: { status: 401 },
  factor_due: { status: 403 },
  second_factor_lost: { status: 401 },
  second_factor_unreadable: { status: 409 },
  account_disabled: { status: 403 },
  second_factor_required: { status: 403 },
  provider_required: { status: 403 },
  provider_unreachable: { status: 502 },
  provider_visit_lost: { status: 409 },
  provider_answer: { status: 403 },
  provider_cancelled: { status: 403 },
  provider_level: { status: 403 },
  provider_not_linked: { status: 403 },
  provider_no_second_factor: { status: 403 },
  provider_not_fresh: { status: 403 },
  provider_mail_unproven: { status: 403 },
  provider_unknown_account: { status: 403 },
  provider_unknown_siret: { status: 403 },
  provider_other_identity: { status: 403 },
  provider_other_account: { status: 403 },
  password_due: { status: 403 },
  cross_site: { status: 403 },
  forbidden: { status: 403 },
  not_found: { status: 404 },
  group_missing: { status: 404 },
  invitation_unknown: { status: 404 },
  invitation_expired: { status: 409 },
  invitation_used: { status: 409 },
  invitation_withdrawn: { status: 409 },
  break_glass_refused: { status: 403 },
  person_refused: { status: 403 },
  last_holder: { status: 409 },
  unknown_scheme: { status: 404 },
  unknown_commune: { status: 422 },
  unknown_area: { status: 422 },
  unknown_category: { status: 422 },
  unknown_trade: { status: 422 },
  report_claimed: { status: 409 },
  note_changed: { status: 409 },
  id_taken: { status: 409 },
  passkey_refused: { status: 422 },
  too_many_passkeys: { status: 409 },
  code_wrong: { status: 422 },
  settings_changed: { status: 409 },
  own_change: { status: 409 },
  own_role: { status: 409 },
  role_too_new: { status: 409 },
  access_given: { status: 409 },
  change_cooling: { status: 409 },
  change_overtaken: { status: 409 },
  sector_changed: { status: 409 },
  sector_in_use: { status: 409 },
  charter_changed: { status: 409 },
  enrolment_lost: { status: 404 },
  enrolment_closed: { status: 409 },
  enrolment_decided: { status: 409 },
  enrolment_incomplete: { status: 409 },
  merge_owes: { status: 409 },
  merge_collecting: { status: 409 },
  merge_debited: { status: 409 },
  merge_followed: { status: 409 },
  merge_too_late: { status: 409 },
  last_person: { status: 409 },
  last_reached: { status: 409 },
  number_confirm: { status: 409 },
  too_many_people: { status: 409 },
  member_changed: { status: 409 },
  address_changed: { status: 409 },
  member_left: { status: 409 },
  already_decided: { status: 409 },
  list_changed: { status: 409 },
  import_changed: { status: 409 },
  import_applied: { status: 409 },
  import_running: { status: 409 },
  undo_running: { status: 409 },
  import_leaving: { status: 409 },
  change_undone: { status: 409 },
  undo_over: { status: 409 },
  alert_not_draft: { status: 409 },
  alert_changed: { status: 409 },
  follow_up_waiting: { status: 409 },
  audience_changed: { status: 409 },
  own_message: { status: 409 },
  own_note: { status: 409 },
  wrong_state: { status: 409 },
  relay_decided: { status: 409 },
  empty_audience: { status: 422 },
  all_held_back: { status: 422 },
  text_empty: { status: 422 },
  text_too_long: { status: 422 },
  sender_invalid: { status: 422 },
  doctrine_refused: { status: 422 },
  late_reason_missing: { status: 422 },
  other_account: { status: 409 },
  statement_changed: { status: 409 },
  campaign_exists: { status: 409 },
  campaign_in_use: { status: 409 },
  more_than_due: { status: 409 },
  more_than_paid: { status: 409 },
  payment_refunded: { status: 409 },
  same_cheque: { status: 409 },
  too_many_letters: { status: 409 },
  invoice_incomplete: { status: 409 },
  invoice_waived: { status: 409 },
  cheque_on_slip: { status: 409 },
  cheques_deposited: { status: 409 },
  debit_under_way: { status: 409 },
  debit_file_gone: { status: 409 },
  debit_file_taken: { status: 409 },
  no_mail_server: { status: 409 },
  no_route: { status: 503 },
  rate_limited: { status: 429 },
  database_login: { status: 503 },
  database_login_pooled: { status: 503 },
  pooler_unprepared: { status: 503 },
  database_down: { status: 503 },
  database_too_old: { status: 503 },
  disk_full: { status: 503 },
  no_data: { status: 503 },
  database_encoding: { status: 503 },
  schema_not_owned: { status: 503 },
  roles_missing: { status: 503 },
  schema_older: { status: 503 },
  directory_locked: { status: 503 },
  directory_moved: { status: 503 },
  schema_newer: { status: 503 },
  schema_before_baseline: { status: 503 },
  schema_differs: { status: 503 },
  port_taken: { status: 503 },
  cannot_listen: { status: 503 },
  demo_refused: { status: 503 },
  directory_unusable: { status: 503 },
  config_invalid: { status: 500 },
  sealed_unreadable: { status: 500 },
  backup_no_key: { status: 422 },
  backup_key: { status: 422 },
  backup_damaged: { status: 422 },
  backup_newer: { status: 422 },
  target_not_empty: { status: 409 },
  keys_refused: { status: 503 },
  source_unreachable: { status: 503 },
  usage: { status: 400 },
  internal: { status: 500 },
} as const

export type ErrorCode = keyof typeof errorCodes

/** One of the problems of a refusal. `path` names the field, column or setting; the values are used in its text. */
export interface Problem {
  readonly code: ErrorCode | ProblemCode
  readonly path?: string
  readonly values?: Readonly<Record<string, string | number>>
}

/** Codes of single problems of a refusal; each has a text in src/i18n. */
export type ProblemCode = `${string}.${string}`

/**
 * The only error class for refusals. Its text for users comes from src/i18n by its code; `message` is English for logs
 * and holds no personal data.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly values: Readonly<Record<string, string | number>>
  readonly problems: readonly Problem[]
  constructor(
    code: ErrorCode,
    options: {
      values?: Readonly<Record<string, string | number>>
      problems?: readonly Problem[]
      cause?: unknown
    } = {},
  ) {
    super(`${code}${options.problems?.length ? `: ${options.problems.map((p) => p.code).join(', ')}` : ''}`, {
      cause: options.cause,
    })
    this.name = 'AppError'
    this.code = code
    this.values = options.values ?? {}
    this.problems = options.problems ?? []
  }
}

/**
 * Returns the refusal for these problems: with their own code if all have the same one and it is a code of refusals,
 * otherwise `invalid_input`. Its values are those of the first problem.
 */
export function refusalOf(problems: readonly Problem[]): AppError {
  const [first] = problems
  const own = problems.every((problem) => problem.code === first?.code) ? first : undefined
  if (own === undefined || !isErrorCode(own.code)) return new AppError('invalid_input', { problems })
  return new AppError(own.code, { problems, ...(own.values ? { values: own.values } : {}) })
}

function isErrorCode(code: string): code is ErrorCode {
  return code in errorCodes
}

/** Returns whether an error means that a disk is full: Node's ENOSPC and EDQUOT, PostgreSQL's 53100 (`disk_full`). */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AppError && error.code === 'disk_full') return true
  const { code } = error as { code?: unknown }
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === '53100') return true
  if (/No space left on device/i.test(error.message)) return true
  return error.cause !== error && isDiskFull(error.cause)
}
