import { createHash, webcrypto } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'

type Keys = webcrypto.CryptoKeyPair
const ENGINE_CRYPTO = webcrypto as ConstructorParameters<typeof pkijs.CryptoEngine>[0]['crypto']
const engine = new pkijs.CryptoEngine({ name: 'test', crypto: ENGINE_CRYPTO })
const EC = { name: 'ECDSA', namedCurve: 'P-256' }
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
const TST_INFO = '1.2.840.113549.1.9.16.1.4'

/** Faults of an authority. */
export interface Faults {
  /** It answers with another digest than the one asked. */
  readonly otherDigest?: boolean
  readonly otherNonce?: boolean
  /** The authority's certificate is one of a web server. */
  readonly otherUsage?: boolean
  /** The token names another certificate. */
  readonly otherName?: boolean
  /** The token was changed after it was signed. */
  readonly changed?: boolean
  readonly refuses?: boolean
  readonly status?: number
  readonly endless?: boolean
}

/** Starts a timestamp authority (RFC 3161) on loopback, with a root certificate of its own. */
export async function startTimestampAuthority(now: () => Date) {
  const root = await issue('Test Root', undefined, now())
  const authority = await issue('Test TSA', root, now())
  const webServer = await issue('www.example', root, now(), '1.3.6.1.5.5.7.3.1')
  let faults: Faults = {}
  let requests = 0
  const server = createServer((request, response) => {
    requests += 1
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', async () => {
      const query = pkijs.TimeStampReq.fromBER(Uint8Array.from(Buffer.concat(parts)).buffer)
      const signer = faults.otherUsage ? webServer : authority
      const body = faults.endless ? Buffer.alloc(1_000_000) : await answer(query, signer, now(), faults)
      response.writeHead(faults.status ?? 200, { 'content-type': 'application/timestamp-reply' })
      response.end(Buffer.from(body as ArrayBuffer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsa`,
    roots: pemOf(root.certificate),
    requests: () => requests,
    behave: (next: Faults) => {
      faults = next
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

interface Issued {
  readonly certificate: pkijs.Certificate
  readonly keys: Keys
}

/** Makes a certificate: a root that signs itself, or one for timestamps (or another usage) that a root signs. */
async function issue(name: string, by: Issued | undefined, at: Date, usage = TIME_STAMPING): Promise<Issued> {
  const keys = (await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify'])) as Keys
  const certificate = new pkijs.Certificate()
  certificate.version = 2
  certificate.serialNumber = new asn1js.Integer({ value: by === undefined ? 1 : 2 })
  const names = (into: pkijs.RelativeDistinguishedNames, text: string) =>
    into.typesAndValues.push(
      new pkijs.AttributeTypeAndValue({ type: '2.5.4.3', value: new asn1js.Utf8String({ value: text }) }),
    )
  names(certificate.subject, name)
  names(certificate.issuer, by === undefined ? name : 'Test Root')
  certificate.notBefore.value = new Date(at.getTime() - 86_400_000)
  certificate.notAfter.value = new Date(at.getTime() + 30 * 86_400_000)
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey as never, engine)
  const extension = (extnID: string, value: { toSchema(): asn1js.BaseBlock }) =>
    new pkijs.Extension({ extnID, critical: true, extnValue: value.toSchema().toBER() })
  certificate.extensions = [
    extension('2.5.29.19', new pkijs.BasicConstraints({ cA: by === undefined })),
    ...(by === undefined ? [] : [extension('2.5.29.37', new pkijs.ExtKeyUsage({ keyPurposes: [usage] }))]),
  ]
  await certificate.sign((by?.keys ?? keys).privateKey as never, 'SHA-256', engine)
  return { certificate: pkijs.Certificate.fromBER(certificate.toSchema(true).toBER()), keys }
}

async function answer(
  query: pkijs.TimeStampReq,
  { certificate, keys }: Issued,
  at: Date,
  faults: Faults,
): Promise<ArrayBuffer> {
  if (faults.refuses)
    return new pkijs.TimeStampResp({ status: new pkijs.PKIStatusInfo({ status: 2 }) }).toSchema().toBER()
  const imprint = faults.otherDigest
    ? new pkijs.MessageImprint({
        hashAlgorithm: query.messageImprint.hashAlgorithm,
        hashedMessage: new asn1js.OctetString({ valueHex: new ArrayBuffer(32) }),
      })
    : query.messageImprint
  const nonce = faults.otherNonce ? new asn1js.Integer({ value: 7 }) : query.nonce
  const info = new pkijs.TSTInfo({
    version: 1,
    policy: '1.2.3.4.1',
    messageImprint: imprint,
    serialNumber: new asn1js.Integer({ value: 42 }),
    genTime: at,
    ...(nonce && { nonce }),
  })
  const bytes = info.toSchema().toBER()
  const signed = new pkijs.SignedData({
    version: 3,
    encapContentInfo: new pkijs.EncapsulatedContentInfo({
      eContentType: TST_INFO,
      eContent: new asn1js.OctetString({ valueHex: bytes }),
    }),
    signerInfos: [
      new pkijs.SignerInfo({
        version: 1,
        sid: new pkijs.IssuerAndSerialNumber({
          issuer: certificate.issuer,
          serialNumber: certificate.serialNumber,
        }),
        signedAttrs: new pkijs.SignedAndUnsignedAttributes({
          type: 0,
          attributes: [
            new pkijs.Attribute({
              type: '1.2.840.113549.1.9.3',
              values: [new asn1js.ObjectIdentifier({ value: TST_INFO })],
            }),
            new pkijs.Attribute({
              type: '1.2.840.113549.1.9.4',
              values: [new asn1js.OctetString({ valueHex: await webcrypto.subtle.digest('SHA-256', bytes) })],
            }),
            signingCertificate(certificate, faults),
          ],
        }),
      }),
    ],
    certificates: [certificate],
  })
  await signed.sign(keys.privateKey as never, 0, 'SHA-256', bytes, engine)
  if (faults.changed) {
    const later = new pkijs.TSTInfo({ schema: info.toSchema() })
    later.genTime = new Date(at.getTime() - 86_400_000)
    signed.encapContentInfo.eContent = new asn1js.OctetString({ valueHex: later.toSchema().toBER() })
  }
  return new pkijs.TimeStampResp({
    status: new pkijs.PKIStatusInfo({ status: 0 }),
    timeStampToken: new pkijs.ContentInfo({
      contentType: '1.2.840.113549.1.7.2',
      content: signed.toSchema(true),
    }),
  })
    .toSchema()
    .toBER()
}

/** The attribute of RFC 5035 that names a certificate by its SHA-256. */
function signingCertificate(certificate: pkijs.Certificate, { otherName }: Faults): pkijs.Attribute {
  const der = otherName ? 'another' : Buffer.from(certificate.toSchema(true).toBER())
  const certHash = new asn1js.OctetString({
    valueHex: Uint8Array.from(createHash('sha256').update(der).digest()).buffer,
  })
  const sequence = (item: asn1js.BaseBlock) => new asn1js.Sequence({ value: [item] })
  return new pkijs.Attribute({
    type: '1.2.840.113549.1.9.16.2.47',
    values: [sequence(sequence(sequence(certHash)))],
  })
}

function pemOf(certificate: pkijs.Certificate): string {
  const lines = Buffer.from(certificate.toSchema(true).toBER())
    .toString('base64')
    .match(/.{1,64}/g) as string[]
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
