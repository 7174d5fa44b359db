import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { Site } from '../../src/identity/passkeys/webauthn.ts'

/** The site of passkeys in tests. */
export const SITE: Site = { origin: 'https://alerte.example', id: 'alerte.example' }
const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest()

/** Creates a software authenticator with one ES256 credential (WebAuthn Level 3, section 6). */
export function authenticator() {
  const id = randomBytes(16)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  let count = 0
  const UP_AND_UV = 0x05
  const data = (rpId: string, flags: number, more: Uint8Array = Buffer.alloc(0)) => {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(++count)
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), counter, more])
  }
  const client = (type: string, challenge: string, origin: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
  const answer = { id: b64(id), rawId: b64(id), type: 'public-key', clientExtensionResults: {} } as const
  return {
    id: b64(id),
    make(challenge: string, site = SITE, flags = UP_AND_UV): RegistrationResponseJSON {
      const cose = coseOf(publicKey)
      const made = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, cose])
      const authData = data(site.id, flags | 0x40, made)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(authData.length)
      const attestation = Buffer.concat([
        Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746159', 'hex'),
        length,
        authData,
      ])
      return {
        ...answer,
        response: {
          clientDataJSON: b64(client('webauthn.create', challenge, site.origin)),
          attestationObject: b64(attestation),
          transports: ['internal'],
        },
      }
    },
    answer(challenge: string, site = SITE, flags = UP_AND_UV): AuthenticationResponseJSON {
      const authData = data(site.id, flags)
      const clientData = client('webauthn.get', challenge, site.origin)
      const signature = sign('sha256', Buffer.concat([authData, sha256(clientData)]), privateKey)
      return {
        ...answer,
        response: {
          clientDataJSON: b64(clientData),
          authenticatorData: b64(authData),
          signature: b64(signature),
        },
      }
    },
    rewind() {
      count = 0
    },
  }
}

/** Encodes a COSE_Key of an EC2 key for ES256 (RFC 9053). */
function coseOf(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  return Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ])
}
