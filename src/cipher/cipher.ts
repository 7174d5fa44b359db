import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { AppError } from '../errors.ts'
import type { Keyring } from './keyring.ts'

/** One name a notion, whatever the columns that hold it, so that a sealed value can be copied from one column to another. */
export type SealedField =
  | 'phone'
  | 'mail'
  | 'iban'
  | 'caller'
  | 'authorisation'
  | 'text'
  | 'note'
  | 'statement'
  | 'upload'

/**
 * Seals single values of the database (AES-256-GCM, NIST SP 800-38D) and makes their blind indexes.
 *
 * A sealed value is the text `e1.KEY.DATA`: KEY is the id of the key, DATA in base64url the random nonce (12 bytes), the
 * encrypted UTF-8 text and the tag (16 bytes). It is bound to its scheme and field: moved elsewhere, it does not open.
 *
 * How a room uses it: `deps.cipher.seal(schemeId, 'iban', value)` in the statement that writes, `open` with the same scheme and
 * field where the value leaves the program (an answer, an SMS, a file). Two sealings of one value differ, so a column that is
 * compared, joined or unique has beside it a column with `index(schemeId, 'iban', normalised)`. A column of sealed values is
 * added to SEALED_COLUMNS (src/commands/keys/sealed-columns.ts), so that `tocsin keys rotate` and `tocsin keys status` know
 * it.
 *
 * Phone numbers are not sealed by rooms: `pseudonyms.ts` replaces them on their way to the database and back.
 */
export interface Cipher {
  /** False: encryption is off. `seal` then returns its value and `open` accepts values in clear only. */
  readonly isOn: boolean
  /** The id of the key that seals; undefined when encryption is off. */
  readonly currentKey: string | undefined
  /** @param schemeId empty: what belongs to the installation */
  seal(schemeId: string, field: SealedField, value: string): string
  /**
   * Opens a sealed value. A value in clear is returned as it is: it was written before encryption was on.
   * @throws AppError `sealed_unreadable` when the key is missing, or the value was changed or belongs elsewhere
   */
  open(schemeId: string, field: SealedField, stored: string): string
  /**
   * Returns the blind index of a value, 26 letters and digits in lower case: equal for equal values of one scheme and field,
   * whatever the key. When encryption is off it is the value itself, so that comparing indexes compares values.
   * @param normalised the value in the one form in which it is compared
   */
  index(schemeId: string, field: string, normalised: string): string
}

const NONCE_BYTES = 12
const TAG_BYTES = 16
const PREFIX = 'e1.'
const SEALED = /^e1\.([a-z0-9]{1,16})\.([A-Za-z0-9_-]{38,})$/

/** Returns the id of the key of a sealed value; undefined of a value in clear. */
export function keyOf(stored: string): string | undefined {
  return SEALED.exec(stored)?.[1]
}

/** The start of every value sealed by a key, for statements that look for values that are not. */
export function prefixOf(keyId: string): string {
  return `${PREFIX}${keyId}.`
}

/** A key that another process added is looked for once in this time. */
const RELOAD_MS = 5000

/**
 * @param keyring undefined: encryption is off
 * @param reload reads the keys again when a value is under a key that is not known: another process has a newer file
 */
export function createCipher(keyring: Keyring | undefined, reload?: () => Keyring): Cipher {
  if (keyring === undefined) {
    return {
      isOn: false,
      currentKey: undefined,
      seal: (_schemeId, _field, value) => value,
      open(_schemeId, _field, stored) {
        const keyId = keyOf(stored)
        if (keyId === undefined) return stored
        throw new AppError('sealed_unreadable', { values: { key: keyId, reason: 'key' } })
      },
      index: (_schemeId, _field, normalised) => normalised,
    }
  }
  let { current, keys } = keyring
  let currentKey = keyOfId(current)
  let reloadedAtMs = Number.NEGATIVE_INFINITY
  const indexKeys = new Map<string, Buffer>()

  function indexKeyOf(schemeId: string, field: string): Buffer {
    const name = `${schemeId}\n${field}`
    let derived = indexKeys.get(name)
    if (derived === undefined) {
      derived = Buffer.from(hkdfSync('sha256', keyring?.index ?? '', '', `tocsin index\n${name}`, 32))
      indexKeys.set(name, derived)
    }
    return derived
  }

  function keyOfId(keyId: string): Buffer {
    const key = keys.get(keyId)
    if (key !== undefined) return key
    if (reload !== undefined && performance.now() - reloadedAtMs > RELOAD_MS) {
      reloadedAtMs = performance.now()
      const next = readAgain(reload)
      if (next?.index.equals(keyring?.index ?? Buffer.of())) {
        ;({ current, keys } = next)
        currentKey = keys.get(current) ?? currentKey
      }
    }
    const found = keys.get(keyId)
    if (found === undefined)
      throw new AppError('sealed_unreadable', { values: { key: keyId, reason: 'key' } })
    return found
  }

  return {
    isOn: true,
    get currentKey() {
      return current
    },
    seal(schemeId, field, value) {
      const nonce = randomBytes(NONCE_BYTES)
      const aes = createCipheriv('aes-256-gcm', currentKey, nonce)
      aes.setAAD(Buffer.from(`${schemeId}\n${field}`))
      const data = Buffer.concat([nonce, aes.update(value, 'utf8'), aes.final(), aes.getAuthTag()])
      return `${prefixOf(current)}${data.toString('base64url')}`
    },
    open(schemeId, field, stored) {
      const [, keyId, text] = SEALED.exec(stored) ?? []
      if (keyId === undefined || text === undefined) {
        if (!stored.startsWith(PREFIX)) return stored
        throw new AppError('sealed_unreadable', { values: { key: '?', reason: 'changed' } })
      }
      const key = keyOfId(keyId)
      const data = Buffer.from(text, 'base64url')
      try {
        // Some bits of the last base64url character are unused, so another text could decode to the same bytes.
        if (data.toString('base64url') !== text) throw new Error('not in base64url')
        const aes = createDecipheriv('aes-256-gcm', key, data.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        })
        aes.setAAD(Buffer.from(`${schemeId}\n${field}`))
        aes.setAuthTag(data.subarray(-TAG_BYTES))
        return aes.update(data.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + aes.final('utf8')
      } catch (cause) {
        throw new AppError('sealed_unreadable', { values: { key: keyId, reason: 'changed' }, cause })
      }
    },
    index: (schemeId, field, normalised) =>
      base32(createHmac('sha256', indexKeyOf(schemeId, field)).update(normalised).digest().subarray(0, 16)),
  }
}

/** Keys that cannot be read now may be read the next time. */
function readAgain(reload: () => Keyring): Keyring | undefined {
  try {
    return reload()
  } catch {
    return undefined
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'

/** Base32 in lower case without padding (RFC 4648): the same after lower(), which statements apply to addresses. */
function base32(bytes: Buffer): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += LETTERS[(held >>> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return bits > 0 ? text + LETTERS[(held << (5 - bits)) & 31] : text
}
