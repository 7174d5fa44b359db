import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { composeMail } from '../i18n/mail.ts'
import { say } from '../i18n/say.ts'
import { CODE_MINUTES, checkCode, openCode, requestCode } from '../identity/codes.ts'
import type { CodeTurn } from '../identity/contract.ts'
import { writeMail } from '../identity/mails.ts'
import { parseMail, parseMobile } from '../members/rules.ts'
import { CODE_PLACE } from '../message/code.ts'
import { asOwner, inScheme } from '../platform/db.ts'
import { findSchemeWithChamber } from '../schemes/store.ts'
import type {
  MailAttempt,
  SignInAttempt,
  SignInCode,
  SignInMail,
  SignInMailCode,
  SignInPhone,
} from './contract.ts'
import { openContactSession } from './session.ts'
import { findHome } from './store.ts'

// Whoever signs in is nobody yet: no permission is asked. What is answered is the same whether anybody has the number.

/** An installation without a scheme has nobody to send a code to. */
const noScheme = (now: Date): CodeTurn => ({ taken: true, nextAt: now.toISOString() })

/**
 * Sends a code by SMS to sign in with, if the number is a contact of some member.
 * @throws AppError `invalid_input` for what is no mobile, which its digits tell; `rate_limited` when the caller's address
 * asked for too many codes
 */
export async function askSignInCode(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'secret'>,
  caller: { readonly address: string },
  input: SignInPhone,
): Promise<SignInAttempt> {
  const phone = phoneFrom(input.phone)
  const attempt = deps.newId()
  // As the owner: which scheme it is comes from the number, not from whoever asks.
  const turn = await asOwner(deps.db, async (tx): Promise<CodeTurn> => {
    const home = await findHome(tx, { phone })
    if (home === undefined) return noScheme(deps.now())
    return requestCode(tx, deps, {
      schemeId: home.id,
      purpose: 'sign_in',
      subject: attempt,
      phone,
      address: caller.address,
      text: say('fr', 'portal.sms.code', { scheme: home.name, code: CODE_PLACE, minutes: CODE_MINUTES }),
      isWanted: home.isKnown,
    })
  })
  return { attempt, phone, turn }
}

/**
 * Signs in by the code.
 * @returns what the browser holds from then on
 * @throws AppError `code_wrong`, without saying why
 */
export async function signInByCode(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'secret'>,
  { attempt, phone: typed, code }: SignInCode,
): Promise<string> {
  const phone = phoneFrom(typed)
  const home = await findHome(deps.db, { phone })
  // A wrong answer counts as a try: its transaction commits, and the refusal comes after it.
  const isRight =
    home !== undefined &&
    (await inScheme(deps.db, home.id, (tx) =>
      checkCode(tx, deps, { schemeId: home.id, purpose: 'sign_in', subject: attempt, phone, digits: code }),
    ))
  if (!isRight) throw new AppError('code_wrong', { problems: [{ code: 'code_wrong', path: 'code' }] })
  return openContactSession(deps, { phone })
}

/**
 * Sends a code by mail to sign in with, if the address is that of a contact of some member. In every respect like the one by
 * SMS, with the limits of codes: as many an address, an hour, a day.
 * @throws AppError `invalid_input` for what is no address; `rate_limited`
 */
export async function askMailCode(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'secret' | 'mailer'>,
  caller: { readonly address: string },
  input: SignInMail,
): Promise<MailAttempt> {
  const mail = mailFrom(input.mail)
  const attempt = deps.newId()
  const turn = await asOwner(deps.db, async (tx): Promise<CodeTurn> => {
    const home = await findHome(tx, { mail })
    const scheme = home === undefined ? undefined : await findSchemeWithChamber(tx, home.id)
    if (home === undefined || scheme === undefined) return noScheme(deps.now())
    const code = await openCode(tx, deps, {
      schemeId: home.id,
      purpose: 'sign_in',
      subject: attempt,
      phone: mail,
      address: caller.address,
      isWanted: home.isKnown,
    })
    const values = { scheme: scheme.name, chamber: scheme.chamber, code: CODE_PLACE, minutes: CODE_MINUTES }
    await writeMail(tx, deps, {
      schemeId: home.id,
      to: mail,
      content: composeMail('fr', { key: 'mail.sign_in', values }),
      code,
    })
    return code.turn
  })
  return { attempt, mail, turn }
}

/**
 * Signs in by the code that came by mail.
 * @returns what the browser holds from then on
 * @throws AppError `code_wrong`, without saying why
 */
export async function signInByMail(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'secret'>,
  { attempt, mail: typed, code }: SignInMailCode,
): Promise<string> {
  const mail = mailFrom(typed)
  const home = await findHome(deps.db, { mail })
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

function mailFrom(typed: string): string {
  const checked = typed.trim() === '' ? { problem: 'input.required' as const } : parseMail(typed)
  if ('value' in checked) return checked.value
  throw new AppError('invalid_input', { problems: [{ code: checked.problem, path: 'mail' }] })
}

function phoneFrom(typed: string): string {
  const checked = parseMobile(typed)
  if ('value' in checked) return checked.value
  throw new AppError('invalid_input', { problems: [{ code: checked.problem, path: 'phone' }] })
}
