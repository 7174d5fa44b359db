/** Every refusal that the API can return: its HTTP status, and whether the same request may succeed later. */
export const errorCodes = {
  invalid_input: { status: 422, retry: false },
  file_exists: { status: 409, retry: false },
  invalid_file: { status: 422, retry: false },
  file_too_large: { status: 413, retry: false },
  not_signed_in: { status: 401, retry: false },
  session_locked: { status: 423, retry: false },
  wrong_credentials: { status: 401, retry: false },
  second_factor_due: { status: 401, retry: false },
  factor_due: { status: 403, retry: false },
  second_factor_lost: { status: 401, retry: false },
  second_factor_unreadable: { status: 409, retry: false },
  account_disabled: { status: 403, retry: false },
  second_factor_required: { status: 403, retry: false },
  provider_required: { status: 403, retry: false },
  provider_unreachable: { status: 502, retry: true },
  provider_visit_lost: { status: 409, retry: false },
  provider_answer: { status: 403, retry: false },
  provider_cancelled: { status: 403, retry: false },
  provider_level: { status: 403, retry: false },
  provider_not_linked: { status: 403, retry: false },
  provider_no_second_factor: { status: 403, retry: false },
  provider_not_fresh: { status: 403, retry: false },
  provider_mail_unproven: { status: 403, retry: false },
  provider_unknown_account: { status: 403, retry: false },
  provider_unknown_siret: { status: 403, retry: false },
  provider_other_identity: { status: 403, retry: false },
  provider_other_account: { status: 403, retry: false },
  password_due: { status: 403, retry: false },
  cross_site: { status: 403, retry: false },
  forbidden: { status: 403, retry: false },
  not_found: { status: 404, retry: false },
  group_missing: { status: 404, retry: false },
  invitation_unknown: { status: 404, retry: false },
  invitation_expired: { status: 409, retry: false },
  invitation_used: { status: 409, retry: false },
  invitation_withdrawn: { status: 409, retry: false },
  break_glass_refused: { status: 403, retry: false },
  person_refused: { status: 403, retry: false },
  last_holder: { status: 409, retry: false },
  unknown_scheme: { status: 404, retry: false },
  unknown_commune: { status: 422, retry: false },
  unknown_area: { status: 422, retry: false },
  unknown_category: { status: 422, retry: false },
  unknown_trade: { status: 422, retry: false },
  report_claimed: { status: 409, retry: false },
  note_changed: { status: 409, retry: false },
  id_taken: { status: 409, retry: false },
  passkey_refused: { status: 422, retry: false },
  too_many_passkeys: { status: 409, retry: false },
  code_wrong: { status: 422, retry: false },
  settings_changed: { status: 409, retry: false },
  own_change: { status: 409, retry: false },
  own_role: { status: 409, retry: false },
  role_too_new: { status: 409, retry: false },
  access_given: { status: 409, retry: false },
  change_cooling: { status: 409, retry: false },
  change_overtaken: { status: 409, retry: false },
  sector_changed: { status: 409, retry: false },
  sector_in_use: { status: 409, retry: false },
  charter_changed: { status: 409, retry: false },
  enrolment_lost: { status: 404, retry: false },
  enrolment_closed: { status: 409, retry: false },
  enrolment_decided: { status: 409, retry: false },
  enrolment_incomplete: { status: 409, retry: false },
  merge_owes: { status: 409, retry: false },
  merge_collecting: { status: 409, retry: false },
  merge_debited: { status: 409, retry: false },
  merge_followed: { status: 409, retry: false },
  merge_too_late: { status: 409, retry: false },
  last_person: { status: 409, retry: false },
  last_reached: { status: 409, retry: false },
  number_confirm: { status: 409, retry: false },
  too_many_people: { status: 409, retry: false },
  member_changed: { status: 409, retry: false },
  address_changed: { status: 409, retry: false },
  member_left: { status: 409, retry: false },
  already_decided: { status: 409, retry: false },
  list_changed: { status: 409, retry: false },
  import_changed: { status: 409, retry: false },
  import_applied: { status: 409, retry: false },
  import_running: { status: 409, retry: true },
  undo_running: { status: 409, retry: true },
  import_leaving: { status: 409, retry: false },
  change_undone: { status: 409, retry: false },
  undo_over: { status: 409, retry: false },
  alert_not_draft: { status: 409, retry: false },
  alert_changed: { status: 409, retry: false },
  follow_up_waiting: { status: 409, retry: false },
  audience_changed: { status: 409, retry: false },
  own_message: { status: 409, retry: false },
  own_note: { status: 409, retry: false },
  wrong_state: { status: 409, retry: false },
  relay_decided: { status: 409, retry: false },
  empty_audience: { status: 422, retry: false },
  all_held_back: { status: 422, retry: false },
  text_empty: { status: 422, retry: false },
  text_too_long: { status: 422, retry: false },
  sender_invalid: { status: 422, retry: false },
  doctrine_refused: { status: 422, retry: false },
  late_reason_missing: { status: 422, retry: false },
  other_account: { status: 409, retry: false },
  statement_changed: { status: 409, retry: false },
  campaign_exists: { status: 409, retry: false },
  campaign_in_use: { status: 409, retry: false },
  more_than_due: { status: 409, retry: false },
  more_than_paid: { status: 409, retry: false },
  payment_refunded: { status: 409, retry: false },
  same_cheque: { status: 409, retry: false },
  too_many_letters: { status: 409, retry: false },
  invoice_incomplete: { status: 409, retry: false },
  invoice_waived: { status: 409, retry: false },
  cheque_on_slip: { status: 409, retry: false },
  cheques_deposited: { status: 409, retry: false },
  debit_under_way: { status: 409, retry: false },
  debit_file_gone: { status: 409, retry: false },
  debit_file_taken: { status: 409, retry: false },
  no_mail_server: { status: 409, retry: false },
  no_route: { status: 503, retry: true },
  rate_limited: { status: 429, retry: true },
  database_login: { status: 503, retry: false },
  database_login_pooled: { status: 503, retry: false },
  pooler_unprepared: { status: 503, retry: false },
  database_down: { status: 503, retry: true },
  database_too_old: { status: 503, retry: false },
  disk_full: { status: 503, retry: true },
  no_data: { status: 503, retry: false },
  database_encoding: { status: 503, retry: false },
  schema_not_owned: { status: 503, retry: false },
  roles_missing: { status: 503, retry: false },
  schema_older: { status: 503, retry: false },
  directory_locked: { status: 503, retry: false },
  directory_moved: { status: 503, retry: false },
  schema_newer: { status: 503, retry: false },
  schema_before_baseline: { status: 503, retry: false },
  schema_differs: { status: 503, retry: false },
  port_taken: { status: 503, retry: false },
  cannot_listen: { status: 503, retry: false },
  demo_refused: { status: 503, retry: false },
  directory_unusable: { status: 503, retry: false },
  config_invalid: { status: 500, retry: false },
  sealed_unreadable: { status: 500, retry: false },
  backup_no_key: { status: 422, retry: false },
  backup_key: { status: 422, retry: false },
  backup_damaged: { status: 422, retry: false },
  backup_newer: { status: 422, retry: false },
  target_not_empty: { status: 409, retry: false },
  keys_refused: { status: 503, retry: false },
  source_unreachable: { status: 503, retry: true },
  usage: { status: 400, retry: false },
  internal: { status: 500, retry: true },
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
