import { createHash, webcrypto } from 'node:crypto'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'
import { readCertificates } from '../keys.ts'

// Timestamps of RFC 3161: an authority outside signs a digest with the time at which it saw it.

const engine = new pkijs.CryptoEngine({
  name: 'node',
  crypto: webcrypto as ConstructorParameters<typeof pkijs.CryptoEngine>[0]['crypto'],
})

const SHA_256 = '2.16.840.1.101.3.4.2.1'
/** RFC 5652, section 5.1. */
const SIGNED_DATA = '1.2.840.113549.1.7.2'
/** RFC 3161, section 2.4.2. */
const TST_INFO = '1.2.840.113549.1.9.16.1.4'
/** RFC 5652, section 11.1: the signed attribute that says what is signed. */
const CONTENT_TYPE = '1.2.840.113549.1.9.3'
/** RFC 2634 and RFC 5035: the signed attributes that name the certificate by its digest, SHA-1 or another. */
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12'
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47'
const DIGESTS: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
const EXTENDED_KEY_USAGE = '2.5.29.37'
/** RFC 3161, section 2.3: a key that signs timestamps is for nothing else. */
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
const COMMON_NAME = '2.5.4.3'

/** An answer of the authority, or a token, that cannot be accepted. */
export class TimestampRefused extends Error {}

/** A token that was checked. */
export interface Timestamp {
  /** When the authority saw the text. */
  readonly at: Date
  /** Common name of the certificate that signed it. */
  readonly by: string
}

/**
 * Writes the request for a timestamp of a text: only its SHA-256 goes to the authority.
 * @param nonce 8 random bytes that the answer repeats
 * @returns DER, for a body of `application/timestamp-query`
 */
export async function writeRequest(text: string, nonce: Uint8Array): Promise<Uint8Array> {
  const hashedMessage = await webcrypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  const request = new pkijs.TimeStampReq({
    version: 1,
    messageImprint: new pkijs.MessageImprint({
      hashAlgorithm: new pkijs.AlgorithmIdentifier({
        algorithmId: SHA_256,
        algorithmParams: new asn1js.Null(),
      }),
      hashedMessage: new asn1js.OctetString({ valueHex: hashedMessage }),
    }),
    nonce: new asn1js.Integer({ valueHex: positive(nonce) }),
    certReq: true,
  })
  return new Uint8Array(request.toSchema().toBER())
}

/** An INTEGER is signed: a first bit that is set would make it negative. */
function positive(bytes: Uint8Array): ArrayBuffer {
  const copy = Uint8Array.from(bytes)
  copy[0] = ((copy[0] ?? 0) & 0x3f) | 0x40
  return copy.buffer
}

/**
 * Reads the answer to a request: its token, DER in base64.
 * @throws TimestampRefused when the authority refused, or answered another request
 */
export function readAnswer(body: Uint8Array, nonce: Uint8Array): string {
  const answer = decode(() => pkijs.TimeStampResp.fromBER(bufferOf(body)))
  const { status } = answer.status
  // RFC 3161, section 2.4.2: granted, or granted with changes.
  if ((status !== 0 && status !== 1) || answer.timeStampToken === undefined)
    throw new TimestampRefused(`the authority refused: status ${status}`)
  const { info } = open(answer.timeStampToken)
  const answered = info.nonce?.valueBlock.valueHexView
  if (answered === undefined || !Buffer.from(answered).equals(Buffer.from(positive(nonce))))
    throw new TimestampRefused('the answer is to another request')
  return Buffer.from(answer.timeStampToken.toSchema().toBER()).toString('base64')
}

/**
 * Checks a token: it is for this text, and was signed by a certificate for timestamps that one of the roots vouches for. The
 * certificates count as of the time of the token; whether they were revoked is not asked.
 * @param token DER in base64
 * @param roots certificates, PEM
 * @throws TimestampRefused when anything of this is not so
 */
export async function checkTimestamp(token: string, text: string, roots: string): Promise<Timestamp> {
  const content = decode(() => pkijs.ContentInfo.fromBER(bufferOf(Buffer.from(token, 'base64'))))
  const { signed, info } = open(content)
  if (info.messageImprint.hashAlgorithm.algorithmId !== SHA_256)
    throw new TimestampRefused('the digest is not SHA-256')
  const attributes = signed.signerInfos[0]?.signedAttrs?.attributes ?? []
  const type = attributes.find((one) => one.type === CONTENT_TYPE)?.values[0]
  if (!(type instanceof asn1js.ObjectIdentifier) || type.valueBlock.toString() !== TST_INFO)
    throw new TimestampRefused('the signature is not one of a timestamp')
  const trustedCerts = readCertificates(roots).map((root) => pkijs.Certificate.fromBER(bufferOf(root.raw)))
  const data = bufferOf(new TextEncoder().encode(text))
  const found = await signed
    .verify(
      { signer: 0, data, trustedCerts, checkChain: true, passedWhenNotRevValues: true, extendedMode: true },
      engine,
    )
    .catch((error: unknown) => {
      throw new TimestampRefused(error instanceof Error ? error.message : 'unreadable', { cause: error })
    })
  if (found.signatureVerified !== true || !found.signerCertificate)
    throw new TimestampRefused('the signature is wrong')
  const usage = found.signerCertificate.extensions?.find(({ extnID }) => extnID === EXTENDED_KEY_USAGE)
  const purposes = usage?.parsedValue instanceof pkijs.ExtKeyUsage ? usage.parsedValue.keyPurposes : []
  if (usage?.critical !== true || purposes.join() !== TIME_STAMPING)
    throw new TimestampRefused('the certificate is not one for timestamps')
  if (!namesCertificate(attributes, found.signerCertificate))
    throw new TimestampRefused('the certificate is not the one that the token names')
  const name = found.signerCertificate.subject.typesAndValues.find((one) => String(one.type) === COMMON_NAME)
  return { at: info.genTime, by: name === undefined ? '' : String(name.value.valueBlock.value) }
}

/** RFC 3161, section 2.4.1: a token names the certificate of its authority, so that no other one stands in its place. */
function namesCertificate(attributes: readonly pkijs.Attribute[], certificate: pkijs.Certificate): boolean {
  const attribute =
    attributes.find(({ type }) => type === SIGNING_CERTIFICATE_V2) ??
    attributes.find(({ type }) => type === SIGNING_CERTIFICATE)
  const [first] = itemsOf(itemsOf(attribute?.values[0])[0])
  const fields = itemsOf(first)
  const hash = fields.find((field) => field instanceof asn1js.OctetString)
  if (attribute === undefined || hash === undefined) return false
  const algorithm = itemsOf(fields[0])[0]
  const named = algorithm instanceof asn1js.ObjectIdentifier ? algorithm.valueBlock.toString() : SHA_256
  const digest = attribute.type === SIGNING_CERTIFICATE ? 'sha1' : DIGESTS[named]
  if (digest === undefined) return false
  const der = Buffer.from(certificate.toSchema().toBER())
  return createHash(digest).update(der).digest().equals(Buffer.from(hash.valueBlock.valueHexView))
}

function itemsOf(block: unknown): readonly unknown[] {
  return block instanceof asn1js.Sequence ? block.valueBlock.value : []
}

function open(content: pkijs.ContentInfo): { signed: pkijs.SignedData; info: pkijs.TSTInfo } {
  if (content.contentType !== SIGNED_DATA) throw new TimestampRefused('it is no token')
  return decode(() => {
    const signed = new pkijs.SignedData({ schema: content.content })
    const { eContent, eContentType } = signed.encapContentInfo
    if (eContentType !== TST_INFO || eContent === undefined || signed.signerInfos.length !== 1)
      throw new TimestampRefused('it is no token')
    return { signed, info: pkijs.TSTInfo.fromBER(eContent.getValue()) }
  })
}

function decode<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof TimestampRefused) throw error
    throw new TimestampRefused('it cannot be read', { cause: error })
  }
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}
