import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Lang } from '../../i18n/format.ts'
import { CODE_MINUTES, checkCode, openCode } from '../../identity/codes/codes.ts'
import type { CodeTurn } from '../../identity/contract.ts'
import { parseMail, parseMobile } from '../../members/rules.ts'
import { CODE_PLACE } from '../../message/code.ts'
import { requestCode, writeMail } from '../../outbox/actions.ts'
import { acrossSchemes, inScheme } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import type {
  MailAttempt,
  SignInAttempt,
  SignInCode,
  SignInMail,
  SignInMailCode,
  SignInPhone,
} from '../contract.ts'
import { findSendingScheme, type Holder } from '../store.ts'
import { openContactSession } from './session.ts'

// Visitors who sign in have no permissions yet, so none is checked. Responses are the same whether or not a contact has the
// number.

/** The visitor who requests a code. */
interface CodeCaller {
  readonly address: string
  /** The language of its page; French by default. */
  readonly lang?: Lang
  /** Tells whether the number or address was proved in this browser before; absent: in none. */
  readonly isKnownDevice?: (holder: Holder) => boolean
}

/** Without a scheme there is no recipient for a code. */
const noScheme = (now: Date): CodeTurn => ({ accepted: true, nextAt: now.toISOString() })

/**
 * Sends a sign-in code by SMS, if the number is that of a member's contact.
 * @throws AppError `invalid_input` unless the number is a mobile of a country to which a scheme sends codes; `rate_limited` if the
 * caller's address requested too many codes
 */
export async function sendSignInCode(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'secret'>,
  caller: CodeCaller,
  input: SignInPhone,
): Promise<SignInAttempt> {
  const phone = requirePhone(input.phone)
  const attempt = deps.newId()
  // Runs across schemes: the scheme is found by the number, not named by the caller.
  const turn = await acrossSchemes(deps.db, async (tx): Promise<CodeTurn> => {
    const home = await findSendingScheme(tx, { phone })
    if (home === undefined) return noScheme(deps.now())
    return requestCode(tx, deps, {
      schemeId: home.id,
      purpose: 'sign_in',
      subject: attempt,
      phone,
      address: caller.address,
      isKnownDevice: caller.isKnownDevice?.({ phone }) ?? false,
      destinations: home.destinations,
      template: 'portal.sms.code',
      values: { scheme: home.name, code: CODE_PLACE, minutes: CODE_MINUTES },
      isWanted: home.isKnown,
      lang: caller.lang ?? 'fr',
    })
  })
  return { attempt, phone, turn }
}

/**
 * Signs in with the code.
 * @returns the session token for the browser
 * @throws AppError `code_wrong`, without the reason
 */
export async function signInByCode(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'secret'>,
  { attempt, phone: typed, code }: SignInCode,
): Promise<string> {
  const phone = requirePhone(typed)
  const home = await findSendingScheme(deps.db, { phone })
  // A wrong code counts as an attempt: the transaction commits before the request is refused.
  const isRight =
    home !== undefined &&
    (await inScheme(deps.db, home.id, (tx) =>
      checkCode(tx, deps, { schemeId: home.id, purpose: 'sign_in', subject: attempt, phone, digits: code }),
    ))
  if (!isRight) throw new AppError('code_wrong', { problems: [{ code: 'code_wrong', path: 'code' }] })
  return openContactSession(deps, { phone })
}

/**
 * Sends a sign-in code by mail, if the address is that of a member's contact. It works like the code by SMS, with the same
 * limits per address, hour and day.
 * @throws AppError `invalid_input` if it is not an address; `rate_limited`
 */
export async function sendMailSignInCode(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'secret' | 'mailer'>,
  caller: CodeCaller,
  input: SignInMail,
): Promise<MailAttempt> {
  const mail = requireMail(input.mail)
  const attempt = deps.newId()
  const turn = await acrossSchemes(deps.db, async (tx): Promise<CodeTurn> => {
    const home = await findSendingScheme(tx, { mail })
    const scheme = home === undefined ? undefined : await findSchemeWithChamber(tx, home.id)
    if (home === undefined || scheme === undefined) return noScheme(deps.now())
    const code = await openCode(tx, deps, {
      schemeId: home.id,
      purpose: 'sign_in',
      subject: attempt,
      phone: mail,
      address: caller.address,
      isKnownDevice: caller.isKnownDevice?.({ mail }) ?? false,
      isWanted: home.isKnown,
    })
    await writeMail(tx, deps, home.id, {
      to: mail,
      lang: caller.lang ?? 'fr',
      template: 'mail.sign_in',
      values: { scheme: scheme.name, chamber: scheme.chamber, code: CODE_PLACE, minutes: CODE_MINUTES },
      code,
    })
    return code.turn
  })
  return { attempt, mail, turn }
}

/**
 * Signs in with the code from the mail.
 * @returns the session token for the browser
 * @throws AppError `code_wrong`, without the reason
 */
export async function signInByMail(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'secret'>,
  { attempt, mail: typed, code }: SignInMailCode,
): Promise<string> {
  const mail = requireMail(typed)
  const home = await findSendingScheme(deps.db, { mail })
  const isRight =
    home !== undefined &&
    (await inScheme(deps.db, home.id, (tx) =>
      checkCode(tx, deps, {
        schemeId: home.id,
        purpose: 'sign_in',
        subject: attempt,
        phone: mail,
        digits: code,
      }),
    ))
  if (!isRight) throw new AppError('code_wrong', { problems: [{ code: 'code_wrong', path: 'code' }] })
  return openContactSession(deps, { mail })
}

function requireMail(typed: string): string {
  const checked = typed.trim() === '' ? { problem: 'input.required' as const } : parseMail(typed)
  if ('value' in checked) return checked.value
  throw new AppError('invalid_input', { problems: [{ code: checked.problem, path: 'mail' }] })
}

function requirePhone(typed: string): string {
  const checked = parseMobile(typed)
  if ('value' in checked) return checked.value
  throw new AppError('invalid_input', { problems: [{ code: checked.problem, path: 'phone' }] })
}
