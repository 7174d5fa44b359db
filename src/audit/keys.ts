import {
  createHash,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto'
import { acceptedSecrets, type Secrets } from '../platform/process/secrets.ts'

/** The key that signs anchors, and those whose signatures are accepted. None of them is in the database. */
export interface AuditKeys {
  /** Undefined: this process has no key, so it makes no anchor. */
  readonly current:
    | {
        readonly id: string
        /** As TOCSIN_AUDIT_PUBLIC_KEYS and auditors take it: 32 bytes, base64url. */
        readonly publicKey: string
        sign(text: string): string
      }
    | undefined
  /** Number of keys whose signatures can be checked. */
  readonly known: number
  /** @returns undefined when the key is not known, so that nothing can be said of the signature */
  check(keyId: string, text: string, signature: string): boolean | undefined
}

/** The configuration that the keys derive from. */
interface KeySources {
  /** The secret of the installation, from which the key derives unless there is one of its own. */
  readonly secret?: Secrets | undefined
  /** An Ed25519 private key of its own (PKCS #8, PEM). */
  readonly pem?: string | undefined
  /** Public keys of earlier private keys. */
  readonly publicKeys?: readonly string[] | undefined
}

/** Start of an Ed25519 private key in PKCS #8 (RFC 8410, section 7); 32 bytes follow. */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

export function createAuditKeys({ secret, pem, publicKeys = [] }: KeySources): AuditKeys {
  const derived = secret === undefined ? [] : acceptedSecrets(secret).map(deriveKey)
  const own = pem !== undefined ? readPrivateKey(pem) : derived[0]
  const known = new Map<string, KeyObject>()
  // Signatures made with the previous secret, or with the secret before a key was configured, stay valid.
  for (const key of derived) known.set(idOf(publicOf(key)), createPublicKey(key))
  for (const publicKey of publicKeys) known.set(idOf(publicKey), readPublicKey(publicKey))
  const ownPublic = own && publicOf(own)
  if (own !== undefined && ownPublic !== undefined) known.set(idOf(ownPublic), createPublicKey(own))
  return {
    current:
      own === undefined || ownPublic === undefined
        ? undefined
        : {
            id: idOf(ownPublic),
            publicKey: ownPublic,
            sign: (text) => sign(null, Buffer.from(text), own).toString('base64url'),
          },
    known: known.size,
    check(keyId, text, signature) {
      const key = known.get(keyId)
      return key && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'))
    },
  }
}

/** @throws when the text is not the PEM of an Ed25519 private key */
export function readPrivateKey(pem: string): KeyObject {
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an Ed25519 key')
  return key
}

/** @throws when the text is not an Ed25519 public key: 32 bytes in base64url */
export function readPublicKey(text: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: text }, format: 'jwk' })
}

/** @throws when a text (PEM) holds no certificate, or one that cannot be read */
export function readCertificates(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw new Error('no certificate')
  return blocks.map((block) => new X509Certificate(block))
}

function deriveKey(secret: string): KeyObject {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'tocsin audit anchors', 32))
  return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' })
}

function publicOf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'jwk' }).x ?? ''
}

function idOf(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex').slice(0, 16)
}
