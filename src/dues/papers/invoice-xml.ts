import { XMLBuilder } from 'fast-xml-parser'
import { formatMessage } from '../../i18n/format.ts'
import { decimalEuros } from '../../message/money.ts'
import type { InvoiceFacts } from '../contract.ts'

/** Factur-X 1.0, profile BASIC. */
const PROFILE = 'urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic'
/** UNTDID 1001: commercial invoice, credit note. */
const INVOICE = '380'
const CREDIT_NOTE = '381'
/** UNTDID 4461: SEPA credit transfer. */
const TRANSFER = '58'
/** ISO 6523: SIREN, SIRET. */
const SIREN = '0002'
const SIRET = '0009'

/** The category (UNTDID 5305) and reason (VATEX) of an invoice without VAT, by the ground of the creditor. */
const GROUNDS = {
  /** Outside the scope: a contribution without a direct service in return. */
  outside: { category: 'O', code: 'VATEX-EU-O' },
  /** French small business exemption, article 293 B of the CGI. */
  franchise: { category: 'E', code: 'VATEX-FR-FRANCHISE' },
  /** Subscriptions to non-profit bodies, article 132 (1) (l) of directive 2006/112 and 261 (7) of the CGI. */
  nonprofit: { category: 'E', code: 'VATEX-EU-132-1L' },
} as const satisfies Record<InvoiceFacts['seller']['vat'], object>

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  format: true,
  suppressEmptyNode: true,
})

const euros = (cents: number) => decimalEuros(cents, '.')
const dateOf = (day: string) => ({
  'udt:DateTimeString': { '@format': '102', '#text': day.replaceAll('-', '') },
})

/** Splits "12 rue du Pont, 63000 Clermont-Ferrand" into street, postal code and town; the whole is the street otherwise. */
export function splitAddress(address: string): { line: string; postalCode?: string; town?: string } {
  const found = /^(.*?)[\s,]*\b(\d{5})\s+(\D[^\n,]*)$/s.exec(address.trim())
  if (found === null) return { line: address.trim() }
  const [, line = '', postalCode = '', town = ''] = found
  return { line: line.trim(), postalCode, town: town.trim() }
}

function addressOf(address: string) {
  const { line, postalCode, town } = splitAddress(address)
  const lines = line.split(/\s*\n\s*/).filter((one) => one !== '')
  return {
    ...(postalCode !== undefined && { 'ram:PostcodeCode': postalCode }),
    ...(lines[0] !== undefined && { 'ram:LineOne': lines[0] }),
    ...(lines.length > 1 && { 'ram:LineTwo': lines.slice(1).join(', ') }),
    ...(town !== undefined && { 'ram:CityName': town }),
    'ram:CountryID': 'FR',
  }
}

function partyOf(name: string, siret: string | null, address: string) {
  return {
    ...(siret !== null && { 'ram:GlobalID': { '@schemeID': SIRET, '#text': siret } }),
    'ram:Name': name,
    ...(siret !== null && {
      'ram:SpecifiedLegalOrganization': { 'ram:ID': { '@schemeID': SIREN, '#text': siret.slice(0, 9) } },
    }),
    'ram:PostalTradeAddress': addressOf(address),
  }
}

/** The due day of an invoice; a credit note says what becomes of it (EN 16931, BR-CO-25 asks for one of them). */
function termsOf({ dueOn, corrects }: InvoiceFacts) {
  return corrects === undefined
    ? { 'ram:DueDateDateTime': dateOf(dueOn) }
    : { 'ram:Description': formatMessage('fr', 'invoice.credit.terms', { number: corrects.number }) }
}

/** The invoice that a credit note corrects (BG-3). */
function referenceOf({ corrects }: InvoiceFacts) {
  return corrects === undefined
    ? {}
    : {
        'ram:InvoiceReferencedDocument': {
          'ram:IssuerAssignedID': corrects.number,
          'ram:FormattedIssueDateTime': {
            'qdt:DateTimeString': { '@format': '102', '#text': corrects.issuedOn.replaceAll('-', '') },
          },
        },
      }
}

/**
 * Writes an invoice or credit note as Cross Industry Invoice (UN/CEFACT D16B) in the profile BASIC of Factur-X. Elements are in the order of the
 * schema.
 */
export function writeInvoiceXml(
  facts: InvoiceFacts & { readonly member: NonNullable<InvoiceFacts['member']> },
): string {
  const { seller, member, amountCents, paidCents, year, corrects } = facts
  const { category, code } = GROUNDS[seller.vat]
  // A rate is given for exempt amounts, and none for what is outside the scope (EN 16931, BR-48).
  const rate = category === 'E' ? { 'ram:RateApplicablePercent': '0.00' } : {}
  // An invoice outside the scope names no VAT number (BR-O-2); an exempt one names one, or the tax registration (BR-E-2).
  const registration =
    category === 'O'
      ? {}
      : {
          'ram:SpecifiedTaxRegistration': {
            'ram:ID':
              seller.vatNumber === ''
                ? { '@schemeID': 'FC', '#text': seller.siret.slice(0, 9) }
                : { '@schemeID': 'VA', '#text': seller.vatNumber },
          },
        }
  const period = { 'ram:StartDateTime': dateOf(`${year}-01-01`), 'ram:EndDateTime': dateOf(`${year}-12-31`) }
  const text: string = builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    'rsm:CrossIndustryInvoice': {
      '@xmlns:rsm': 'urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100',
      '@xmlns:qdt': 'urn:un:unece:uncefact:data:standard:QualifiedDataType:100',
      '@xmlns:ram': 'urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100',
      '@xmlns:udt': 'urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100',
      'rsm:ExchangedDocumentContext': {
        'ram:GuidelineSpecifiedDocumentContextParameter': { 'ram:ID': PROFILE },
      },
      'rsm:ExchangedDocument': {
        'ram:ID': facts.number,
        'ram:TypeCode': corrects === undefined ? INVOICE : CREDIT_NOTE,
        'ram:IssueDateTime': dateOf(facts.issuedOn),
        'ram:IncludedNote': [seller.vatReason, ...(corrects === undefined ? [] : [corrects.reason])].map(
          (text) => ({
            'ram:Content': text,
          }),
        ),
      },
      'rsm:SupplyChainTradeTransaction': {
        'ram:IncludedSupplyChainTradeLineItem': {
          'ram:AssociatedDocumentLineDocument': { 'ram:LineID': '1' },
          'ram:SpecifiedTradeProduct': { 'ram:Name': facts.label },
          'ram:SpecifiedLineTradeAgreement': {
            'ram:NetPriceProductTradePrice': { 'ram:ChargeAmount': euros(amountCents) },
          },
          'ram:SpecifiedLineTradeDelivery': {
            'ram:BilledQuantity': { '@unitCode': 'C62', '#text': '1' },
          },
          'ram:SpecifiedLineTradeSettlement': {
            'ram:ApplicableTradeTax': { 'ram:TypeCode': 'VAT', 'ram:CategoryCode': category, ...rate },
            'ram:SpecifiedTradeSettlementLineMonetarySummation': {
              'ram:LineTotalAmount': euros(amountCents),
            },
          },
        },
        'ram:ApplicableHeaderTradeAgreement': {
          'ram:SellerTradeParty': { ...partyOf(seller.name, seller.siret, seller.address), ...registration },
          'ram:BuyerTradeParty': partyOf(
            member.name,
            member.siret,
            [member.address, member.town].filter(Boolean).join('\n'),
          ),
        },
        'ram:ApplicableHeaderTradeDelivery': '',
        'ram:ApplicableHeaderTradeSettlement': {
          'ram:PaymentReference': facts.reference,
          'ram:InvoiceCurrencyCode': 'EUR',
          ...(facts.iban !== '' && {
            'ram:SpecifiedTradeSettlementPaymentMeans': {
              'ram:TypeCode': TRANSFER,
              'ram:PayeePartyCreditorFinancialAccount': { 'ram:IBANID': facts.iban },
            },
          }),
          'ram:ApplicableTradeTax': {
            'ram:CalculatedAmount': '0.00',
            'ram:TypeCode': 'VAT',
            'ram:ExemptionReason': seller.vatReason,
            'ram:BasisAmount': euros(amountCents),
            'ram:CategoryCode': category,
            'ram:ExemptionReasonCode': code,
            ...rate,
          },
          'ram:BillingSpecifiedPeriod': period,
          'ram:SpecifiedTradePaymentTerms': termsOf(facts),
          'ram:SpecifiedTradeSettlementHeaderMonetarySummation': {
            'ram:LineTotalAmount': euros(amountCents),
            'ram:TaxBasisTotalAmount': euros(amountCents),
            'ram:TaxTotalAmount': { '@currencyID': 'EUR', '#text': '0.00' },
            'ram:GrandTotalAmount': euros(amountCents),
            'ram:TotalPrepaidAmount': euros(paidCents),
            'ram:DuePayableAmount': euros(amountCents - paidCents),
          },
          ...referenceOf(facts),
        },
      },
    },
  })
  return text
}
