import { searchName } from '../../../territory/places/spelling.ts'

/** A field that a column may hold, once per business. */
export type BusinessField =
  | 'name'
  | 'legalName'
  | 'siret'
  | 'naf'
  | 'naf2025'
  | 'trade'
  | 'commune'
  | 'postalCode'
  | 'insee'
  | 'address'
  | 'joinedOn'
  | 'latitude'
  | 'longitude'
  | 'status'
  | 'charterOn'
  | 'duesPaid'
  | 'tags'
  | 'note'

/** A field that a column may hold, once per contact. */
export type ContactField = 'person' | 'firstName' | 'lastName' | 'mobile' | 'phone' | 'mail'

/** The usual headers of each column in French and English lists (and in our exports), as `searchName` normalises them. */
const BUSINESS: Readonly<Record<BusinessField, string>> = {
  name: 'enseigne, nom commercial, nom du commerce, commerce, etablissement, nom etablissement, nom de l etablissement, nom de l enseigne, entreprise, nom entreprise, nom de l entreprise, societe, nom de la societe, exploitation, nom de l exploitation, nom du magasin, magasin, nom boutique, boutique, business, business name, shop, shop name, store, store name, company, company name, trading name, trade name',
  legalName:
    'raison sociale, denomination, denomination sociale, denomination usuelle, rs, legal name, registered name',
  siret:
    'siret, n siret, no siret, numero siret, num siret, code siret, siret etablissement, numero de siret, n de siret, registration number, siret number',
  naf: 'naf, ape, code naf, code ape, naf ape, ape naf, code naf ape, code ape naf, code activite, activite principale, naf code, activity code',
  naf2025:
    'code naf 2025, naf 2025, naf2025, naf25, code naf25, ape 2025, code ape 2025, naf ape 2025, code naf ape 2025',
  trade:
    'metier, activite, profession, secteur d activite, type de commerce, type d activite, trade, categorie, famille, activity, business type, type of business, sector',
  commune:
    'commune, ville, localite, nom de la commune, nom commune, libelle commune, city, town, cp ville, cp commune, code postal ville, code postal et ville, code postal commune, ville cp, bureau distributeur',
  postalCode: 'code postal, cp, codepostal, code post, postal code, zip, zip code, postcode',
  insee:
    'code insee, insee, code commune, code commune insee, code insee commune, code insee de la commune, codeinsee, cog',
  address:
    'adresse, rue, voie, adresse postale, adresse 1, adresse ligne 1, adresse du commerce, adresse complete, n et voie, numero et voie, n et rue, address, street, street address',
  joinedOn:
    'date d adhesion, date adhesion, date de l adhesion, adherent depuis, membre depuis, adherent depuis le, date d entree, date d inscription, inscrit le, adhere le, joined, joining date, joined on, member since',
  latitude: 'latitude, lat',
  longitude: 'longitude, lon, lng, long',
  // Not "Situation", which may be that of the shop: see `BY_CELLS`.
  status: 'statut, etat, status',
  charterOn:
    'charte, charte signee, charte signee le, charte papier, charte sur papier, charte papier signee le, date de la charte, date charte, date de signature, date signature charte, date de signature de la charte, signature charte, charter, charter signed, charter signed on, charter on paper, charter date',
  // Not "Cotisation" or "Dues" alone, often what is owed: see `BY_CELLS`.
  duesPaid:
    'cotisation payee, cotisations payees, cotisation reglee, cotisation a jour, a jour de cotisation, annee payee, annees payees, annee de cotisation, annee cotisation, annees cotisation, annees de cotisation, annee cotisee, annees cotisees, derniere cotisation, derniere cotisation payee, paye, payee, regle, reglee, reglement, montant paye, dues paid, paid, years paid, fee paid',
  tags: 'etiquettes, etiquette, mots cles, mot cle, groupes, groupe, tag, tags, labels, keywords',
  note: 'notes, note, remarques, remarque, obs, rmq, commentaires, commentaire, observations, observation, divers, notes de la chambre, comment, comments, remarks',
}
const CONTACT: Readonly<Record<ContactField, string>> = {
  person:
    'contact, responsable, gerant, gerante, interlocuteur, dirigeant, exploitant, nom du responsable, nom du contact, nom contact, nom du gerant, nom du dirigeant, nom et prenom, nom prenom, prenom et nom, prenom nom, personne, person, titulaire, proprietaire, contact name, owner, manager, contact person',
  firstName:
    'prenom, prenom du responsable, prenom du contact, prenom contact, prenom du gerant, first name, given name',
  lastName: 'nom de famille, nom responsable, nom gerant, nom dirigeant, last name, surname, family name',
  mobile:
    'mobile, portable, gsm, telephone portable, tel portable, telephone mobile, tel mobile, n portable, n de portable, numero de portable, no portable, n mobile, numero mobile, portable sms, mobile sms, mobile phone, tel port, cell, cell phone, mobile number, mob, port, tel mob',
  phone:
    'telephone, tel, n telephone, n de telephone, no telephone, numero de telephone, numero telephone, n tel, phone, telephone fixe, tel fixe, fixe, phone number, landline, telephones, tel mobile fixe, coordonnees telephoniques',
  mail: 'mail, email, e mail, courriel, mel, adresse mail, adresse email, adresse e mail, adresse electronique, adresse courriel, email address, e mail address',
}

function invert<F extends string>(fields: Readonly<Record<F, string>>): Map<string, F> {
  return new Map(
    (Object.entries(fields) as [F, string][]).flatMap(([field, names]) =>
      names.split(', ').map((name): [string, F] => [name, field]),
    ),
  )
}
export const businessFields = invert(BUSINESS)
export const contactFields = invert(CONTACT)

/** Maximum number of contacts per row. */
export const MAX_CONTACTS = 9

/** The field of a column: for example `siret`, or `mobile.2` for the second contact. */
export type ColumnField = BusinessField | `${ContactField}.${number}`

const CONTACT_FIELDS = Object.keys(CONTACT) as ContactField[]

/** Every field that a column may hold, in the order of an exported list. */
export const COLUMN_FIELDS: readonly ColumnField[] = [
  ...(Object.keys(BUSINESS) as BusinessField[]),
  ...Array.from({ length: MAX_CONTACTS }, (_, n) => n + 1).flatMap((n) =>
    CONTACT_FIELDS.map((field): ColumnField => `${field}.${n}`),
  ),
]
const known: ReadonlySet<string> = new Set(COLUMN_FIELDS)
export function isColumnField(text: string): text is ColumnField {
  return known.has(text)
}

export const isPlainName = (header: string) =>
  ['nom', 'name', 'nom name', 'name nom'].includes(searchName(header))
