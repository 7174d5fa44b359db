import { zipSync } from 'fflate'
import iconv from 'iconv-lite'

/** A list as chambers have it, and what the import must make of it. */
export interface UglyList {
  readonly name: string
  readonly bytes: Uint8Array
  /** Rows that are businesses, without titles, empty lines and totals. */
  readonly rows: number
  /** The members that the good rows become: name | trade | INSEE code | numbers, "*" for those that receive SMS. */
  readonly members: readonly string[]
  /** The problems that a person has to solve: line, code, and the proposals. */
  readonly problems?: readonly string[]
  /** Remarks worth reading, as "line code"; those about landlines and unknown columns apart. */
  readonly remarks?: readonly string[]
  /** Other stored data of the members that have some: name | charter on paper | tags | notes. */
  readonly extras?: readonly string[]
}

const utf8 = (text: string) => new TextEncoder().encode(text)
const windows = (text: string) => new Uint8Array(iconv.encode(text.replaceAll('\n', '\r\n'), 'win1252'))

/** A cell of a sheet: a text, a number as the workbook stores it, or a day in days since 1900. */
type Cell = string | { readonly number: string } | { readonly day: number } | null

/** Builds a workbook as Excel stores it: numbers as numbers, dates as days, merged cells, empty rows. */
function workbook(rows: readonly (readonly Cell[])[], merged: readonly string[] = []): Uint8Array {
  const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const packages = 'http://schemas.openxmlformats.org/package/2006'
  const escapeXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const cellXml = (cell: Cell, at: string) => {
    if (cell === null) return ''
    if (typeof cell === 'string')
      return `<c r="${at}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(cell)}</t></is></c>`
    return 'day' in cell
      ? `<c r="${at}" s="1"><v>${cell.day}</v></c>`
      : `<c r="${at}"><v>${cell.number}</v></c>`
  }
  const sheet = rows
    .map((cells, n) =>
      cells.length === 0
        ? ''
        : `<row r="${n + 1}">${cells.map((cell, c) => cellXml(cell, `${String.fromCharCode(65 + c)}${n + 1}`)).join('')}</row>`,
    )
    .join('')
  const merges =
    merged.length === 0
      ? ''
      : `<mergeCells>${merged.map((ref) => `<mergeCell ref="${ref}"/>`).join('')}</mergeCells>`
  return zipSync({
    '[Content_Types].xml': utf8(
      `${xml}<Types xmlns="${packages}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
    ),
    '_rels/.rels': utf8(
      `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ),
    'xl/workbook.xml': utf8(
      `${xml}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="Feuil1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    ),
    'xl/_rels/workbook.xml.rels': utf8(
      `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    ),
    'xl/styles.xml': utf8(
      `${xml}<styleSheet xmlns="${main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`,
    ),
    'xl/worksheets/sheet1.xml': utf8(
      `${xml}<worksheet xmlns="${main}"><sheetData>${sheet}</sheetData>${merges}</worksheet>`,
    ),
  })
}

export const corpus: readonly UglyList[] = [
  {
    name: 'CSV of Excel in Windows-1252: code and commune in one cell, one number with its person',
    bytes: windows(
      [
        'Enseigne;Activité;Adresse;CP Ville;Tél.',
        'Tabac de la Halle;Tabac-presse;1, place de la Halle;63500 ISSOIRE;06.39.98.01.01',
        'Chez Zoé;Coiffeuse;12 bis rue de l’Église;Chamalières (63400);06 39 98 01 02 (gérante)',
        'Garage Rabiou;Garage automobile;ZA;63000 CLERMONT FD;Tél : 04.65.71.01.03',
        'Le Fournil;Boulangerie artisanale;;CLERMONT-FD CEDEX 1;+33 6 39 98 01 04',
      ].join('\n'),
    ),
    rows: 4,
    members: [
      'Chez Zoé | hairdressers-beauty | 63075 | +33639980102*',
      'Garage Rabiou | garages | 63113 | +33465710103',
      'Le Fournil | bakeries | 63113 | +33639980104*',
      'Tabac de la Halle | tobacco-press | 63178 | +33639980101*',
    ],
    remarks: ['3 phone.words', '5 trade.understood', '5 postal_code.several'],
  },
  {
    name: 'abbreviated communes, as people write them',
    bytes: utf8(
      [
        'Nom commercial,Métier,Ville,Portable',
        'A,Fleuriste,Clt-Fd,0639980201',
        'B,Fleuriste,"Cournon d\'Auv.",0639980202',
        'C,Fleuriste,Cournon,0639980203',
        'D,Fleuriste,ST ELOY LES MINES,0639980204',
        'E,Fleuriste,St Rémy s/ Durolle,0639980205',
        'F,Fleuriste,Ste Agathe,0639980206',
        'G,Fleuriste,Pt du Château,0639980207',
        'H,Fleuriste,Vic le Cte,0639980208',
        'I,Fleuriste,Châtelguyon,0639980209',
        'J,Fleuriste,St Genès Champ.,0639980210',
        'K,Fleuriste,Mont Dore (Le),0639980211',
        'L,Fleuriste,"Issoire, France",0639980212',
        'M,Fleuriste,RIOM (63),0639980213',
        'N,Fleuriste,Besse St Anastaise,0639980214',
      ].join('\n'),
    ),
    rows: 14,
    members: [
      'A | general-shops | 63113 | +33639980201*',
      'B | general-shops | 63124 | +33639980202*',
      'C | general-shops | 63124 | +33639980203*',
      'D | general-shops | 63338 | +33639980204*',
      'E | general-shops | 63393 | +33639980205*',
      'F | general-shops | 63310 | +33639980206*',
      'G | general-shops | 63284 | +33639980207*',
      'H | general-shops | 63457 | +33639980208*',
      'I | general-shops | 63103 | +33639980209*',
      'K | general-shops | 63236 | +33639980211*',
      'L | general-shops | 63178 | +33639980212*',
      'M | general-shops | 63300 | +33639980213*',
      'N | general-shops | 63038 | +33639980214*',
    ],
    problems: ['11 commune.ambiguous → Saint-Genès-Champanelle, Saint-Genès-Champespe'],
    remarks: ['2 postal_code.several', '3 commune.understood', '4 commune.understood'],
  },
  {
    name: 'communes that were merged, by their old names and codes; INSEE codes alone',
    bytes: utf8(
      [
        'Etablissement;Type de commerce;Commune;Code commune;Mobile',
        'A;Bar;Mezel;;0639980301',
        'B;Bar;DALLET;;0639980302',
        'C;Bar;63115 Mezel;;0639980303',
        'D;Bar;;63133;0639980304',
        'E;Bar;63178;;0639980305',
        'F;Bar;Cellule;;0639980306',
        'G;Bar;Mur s/Allier;;0639980307',
        'H;Bar;;"63 113";0639980308',
      ].join('\n'),
    ),
    rows: 8,
    members: [
      'A | restaurants-bars | 63226 | +33639980301*',
      'B | restaurants-bars | 63226 | +33639980302*',
      'C | restaurants-bars | 63226 | +33639980303*',
      'D | restaurants-bars | 63226 | +33639980304*',
      'E | restaurants-bars | 63178 | +33639980305*',
      'F | restaurants-bars | 63244 | +33639980306*',
      'G | restaurants-bars | 63226 | +33639980307*',
      'H | restaurants-bars | 63113 | +33639980308*',
    ],
    remarks: [
      '2 commune.former',
      '2 postal_code.several',
      '3 commune.former',
      '3 postal_code.several',
      '4 commune.former',
      '5 commune.former',
      '5 postal_code.several',
      '7 commune.former',
      '8 postal_code.several',
      '9 postal_code.several',
    ],
  },
  {
    name: 'XLSX with titles above the header, empty lines, numbers stored as numbers, a total at the end',
    bytes: workbook([
      ['Chambre de commerce et d’industrie'],
      ['Liste des adhérents « Alerte commerces »', null, null, { day: 46_000 }],
      [],
      [
        'N°',
        'Raison sociale',
        'SIRET',
        'Code APE',
        'Code postal',
        'Ville',
        'Tél. portable',
        'Date d’adhésion',
      ],
      [
        { number: '1' },
        'SARL Dupont & fils',
        { number: '85520050700017' },
        '4726Z',
        { number: '63500' },
        'ISSOIRE',
        { number: '639980401' },
        { day: 43_525 },
      ],
      [],
      [
        { number: '2' },
        'Pharmacie du Marché',
        { number: '7.3282932000074E13' },
        '47.73Z',
        { number: '63200' },
        'Riom',
        { number: '6.39980402E8' },
        '12/05/2019',
      ],
      [null, 'Total', null, null, null, null, { number: '2' }],
    ]),
    rows: 2,
    members: [
      'Pharmacie du Marché 73282932000074 | pharmacies | 63300 | +33639980402*',
      'SARL Dupont & fils 85520050700017 | tobacco-press | 63178 | +33639980401*',
    ],
    remarks: ['8 import.aside'],
  },
  {
    name: 'XLSX with a merged line of headings above the header',
    bytes: workbook(
      [
        ['Commerce', null, null, null, 'Responsable', null, null],
        ['Nom', 'Activité', 'CP', 'Ville', 'Prénom', 'Nom', 'Portable'],
        ['Bijoux d’Anaïs', 'Bijoux', { number: '63500' }, 'Issoire', 'Anaïs', 'Martin', '06 39 98 05 01'],
        [
          'L’Atelier',
          'Carrosserie peinture',
          { number: '63800' },
          'Cournon',
          'Paul',
          'Roux',
          '06 39 98 05 02',
        ],
      ],
      ['A1:D1', 'E1:G1'],
    ),
    rows: 2,
    members: [
      'Bijoux d’Anaïs | jewellers | 63178 | +33639980501*',
      'L’Atelier | garages | 63124 | +33639980502*',
    ],
    remarks: ['4 commune.understood'],
  },
  {
    name: 'SIRET in scientific notation, with blanks, and lost',
    bytes: windows(
      [
        'Raison sociale;N° SIRET;Métier;Commune;Mobile',
        'A;8,5520050700017E+13;Boucher charcutier;Issoire;6,39980601E+08',
        'B;732 829 320 00074;Boucher;Issoire;06 39 98 06 02',
        'C;8,55201E+13;Bouchère;Issoire;06 39 98 06 03',
        'D;="73282932000065";Boucherie;Issoire;="0639980604"',
      ].join('\n'),
    ),
    rows: 4,
    members: [
      'A 85520050700017 | butchers | 63178 | +33639980601*',
      'B 73282932000074 | butchers | 63178 | +33639980602*',
      'C | butchers | 63178 | +33639980603*',
    ],
    problems: ['5 siret.check'],
    remarks: ['4 siret.scientific'],
  },
  {
    name: 'two numbers in a cell: mobile first, whatever their order, and numbers with words',
    bytes: utf8(
      [
        'Enseigne;Activité;Commune;Téléphone',
        'A;Bar;Issoire;04 65 71 07 01 / 06 39 98 07 01',
        'B;Bar;Issoire;06 39 98 07 02 ou 06 39 98 07 12',
        'C;Bar;Issoire;0639980703 0465710703',
        'D;Bar;Issoire;06.39.98.07.04 - 04.65.71.07.04',
        'E;Bar;Issoire;"06 39 98 07 05\n06 39 98 07 15"',
        'F;Bar;Issoire;06 39 98 07 06 (Mme Roux), 04 65 71 07 06 (bar)',
        'G;Bar;Issoire;port. 06-39-98-07-07',
        'H;Bar;Issoire;06 39 98 07 08 / 06 39 98 07',
      ].join('\n'),
    ),
    rows: 8,
    members: [
      'A | restaurants-bars | 63178 | +33639980701* +33465710701',
      'B | restaurants-bars | 63178 | +33639980702* +33639980712*',
      'C | restaurants-bars | 63178 | +33639980703* +33465710703',
      'D | restaurants-bars | 63178 | +33639980704* +33465710704',
      'E | restaurants-bars | 63178 | +33639980705* +33639980715*',
      'F | restaurants-bars | 63178 | +33639980706* +33465710706',
      'G | restaurants-bars | 63178 | +33639980707*',
    ],
    problems: ['10 phone.length'],
    remarks: ['8 phone.words'],
  },
  {
    name: 'headers in two languages',
    bytes: utf8(
      [
        'Enseigne / Shop name\tMétier (Trade)\tVille – Town\tCode postal / Postcode\tContact name\tPortable / Mobile *\tE-mail address\tRemarque / Comment',
        'Le Petit Bar\tBar\tThiers\t63300\tPaul Roux\t06 39 98 08 01\tpaul@example.org\t',
      ].join('\n'),
    ),
    rows: 1,
    members: ['Le Petit Bar | restaurants-bars | 63430 | +33639980801*'],
  },
  {
    name: 'a list in English',
    bytes: utf8(
      [
        'Company name,Activity,Town,Zip code,Owner,Cell phone,Status',
        'Bakery One,Boulangerie,Issoire,63500,Paul Roux,+33 (0)6 39 98 09 01,active',
      ].join('\n'),
    ),
    rows: 1,
    members: ['Bakery One | bakeries | 63178 | +33639980901*'],
  },
  {
    name: 'the whole address in one cell, and no column of communes',
    bytes: windows(
      [
        'Nom du magasin;Activité;Adresse complète;Portable',
        'A;Primeur;3 place du Marché, 63500 Issoire;06 39 98 10 01',
        'B;Primeur;"12, rue Blatin - 63000 CLERMONT-FERRAND";06 39 98 10 02',
        'C;Primeur;Le Bourg;06 39 98 10 03',
      ].join('\n'),
    ),
    rows: 3,
    members: ['A | food-shops | 63178 | +33639981001*', 'B | food-shops | 63113 | +33639981002*'],
    problems: ['4 commune.missing'],
  },
  {
    name: 'trades as people say them, and words that say two',
    bytes: utf8(
      [
        'Commerce;Profession;Commune;Mobile',
        'A;Fleuriste;Issoire;0639981101',
        'B;Bar-Tabac-PMU;Issoire;0639981102',
        'C;Vente de vêtements;Issoire;0639981103',
        'D;Restaurant – pizzeria;Issoire;0639981104',
        'E;Librairie-papeterie;Issoire;0639981105',
        'F;Boulangerie épicerie;Issoire;0639981106',
        'G;Phamracie;Issoire;0639981107',
        'H;???;Issoire;0639981108',
        'I;opticienne;Issoire;0639981109',
      ].join('\n'),
    ),
    rows: 9,
    members: [
      'A | general-shops | 63178 | +33639981101*',
      'B | tobacco-press | 63178 | +33639981102*',
      'C | clothing | 63178 | +33639981103*',
      'D | restaurants-bars | 63178 | +33639981104*',
      'E | general-shops | 63178 | +33639981105*',
      'I | opticians | 63178 | +33639981109*',
    ],
    problems: [
      '7 trade.ambiguous → Boulangeries et pâtisseries, Alimentation et supermarchés',
      '8 trade.unknown → Pharmacies',
      '9 trade.unknown',
    ],
    remarks: ['4 trade.understood', '5 trade.understood'],
  },
  {
    name: 'misspelt communes: sure with their postal code, proposed without; others of France come last',
    bytes: utf8(
      [
        'Enseigne;Activité;Code postal;Commune;Mobile',
        'A;Bar;63500;Isoire;0639981201',
        'B;Bar;;Isoire;0639981202',
        'C;Bar;;Beaumont;0639981203',
        'D;Bar;43100;Beaumont;0639981204',
        'E;Bar;63500;;0639981205',
        'F;Bar;;Saint-Germain;0639981206',
        'G;Bar;63;Issoire;0639981207',
        'H;Bar;;Nulle-Part;0639981208',
      ].join('\n'),
    ),
    rows: 8,
    members: ['A | restaurants-bars | 63178 | +33639981201*', 'C | restaurants-bars | 63032 | +33639981203*'],
    problems: [
      '3 commune.unknown → Issoire',
      '5 commune.outside',
      '6 commune.ambiguous → Issoire, Saint-Babel, Aulhat-Flat, Perrier, Orbeil, Saint-Rémy-de-Chargnat',
      "7 commune.ambiguous → Saint-Germain-Lembron, Saint-Germain-l'Herm, Saint-Germain-près-Herment",
      '8 postal_code.invalid',
      '9 commune.unknown',
    ],
    remarks: ['2 commune.understood'],
  },
  {
    name: 'a list printed on several pages: titles again, empty lines, totals of each page',
    bytes: windows(
      [
        'Édition du 01/03/2026;;;;',
        '',
        'Enseigne;Métier;Commune;Mobile;Date d’adhésion',
        'A;Boulanger;Issoire;06 39 98 13 01;01/02/2019',
        ';;;;',
        'Sous-total page 1 : 1;;;;',
        'Enseigne;Métier;Commune;Mobile;Date d’adhésion',
        'Total Access;Station essence;Issoire;06 39 98 13 02;mars 2020',
        '"  "; ;;;',
        'TOTAL;;;2;',
        'Nombre d’adhérents : 2;;;;',
      ].join('\n'),
    ),
    rows: 2,
    members: [
      'A | bakeries | 63178 | +33639981301*',
      'Total Access | petrol-stations | 63178 | +33639981302*',
    ],
    remarks: ['6 import.aside', '7 import.aside', '8 day.first', '10 import.aside', '11 import.aside'],
  },
  {
    name: 'an export of a program in UTF-16 with quotes, tabs and invisible characters',
    bytes: new Uint8Array(
      iconv.encode(
        [
          'Enseigne\tNAF\tCommune\tMobile',
          '"Bar ""Le Central"""\t56.30Z\t"63500\u00a0Issoire"\t"\u202a06\u00a039\u00a098\u00a014\u00a001\u202c"',
        ].join('\r\n'),
        'utf16le',
        { addBOM: true },
      ),
    ),
    rows: 1,
    members: ['Bar "Le Central" | restaurants-bars | 63178 | +33639981401*'],
  },
  {
    name: 'an export of a database: UTF-16 without a mark, decimals after numbers, CEDEX beside the postal code, SIREN for SIRET',
    bytes: new Uint8Array(
      iconv.encode(
        [
          'Dénomination|SIRET|Activité principale|Code postal|Ville|Tél|Rmq',
          'A|73282932000074.0|Resto|63500.0|Issoire|639982001,0|',
          'B|732 829 320|Coiffeur homme/femme|63039 CEDEX 2|CLERMONT-FERRAND|+33 (0)6 39 98 20 02|',
          'C||Pharm.|63100|Montferrand|06 39 98 20 03|',
          'D||Pharm.||63039 CLERMONT-FERRAND CEDEX 2|06 39 98 20 04|',
        ].join('\r\n'),
        'utf16le',
        { addBOM: false },
      ),
    ),
    rows: 4,
    members: [
      'A 73282932000074 | restaurants-bars | 63178 | +33639982001*',
      'B | hairdressers-beauty | 63113 | +33639982002*',
      'D | pharmacies | 63113 | +33639982004*',
    ],
    problems: ['4 commune.postal_code → Clermont-Ferrand'],
    remarks: ['3 siret.siren', '3 trade.understood'],
  },
  {
    name: 'codes before names: a CEDEX that is the INSEE code of another commune, and INSEE codes with any name of theirs',
    bytes: utf8(
      [
        'Enseigne;Métier;CP Ville;Portable',
        'A;Boulanger;63039 CLERMONT FD CEDEX 2;06 39 98 21 01',
        'B;Boulanger;63039 Clermont Fd;06 39 98 21 02',
        'C;Boulanger;Clt-Fd 63039;06 39 98 21 03',
        'D;Boulanger;63039 CEDEX 2;06 39 98 21 04',
        'E;Boulanger;63178 Issoire;06 39 98 21 05',
        'F;Boulanger;63226 Mezel;06 39 98 21 06',
        'G;Boulanger;63039 Zone des Dômes;06 39 98 21 07',
        'H;Boulanger;63039 Beurières;06 39 98 21 08',
      ].join('\n'),
    ),
    rows: 8,
    members: [
      'A | bakeries | 63113 | +33639982101*',
      'B | bakeries | 63113 | +33639982102*',
      'C | bakeries | 63113 | +33639982103*',
      'E | bakeries | 63178 | +33639982105*',
      'F | bakeries | 63226 | +33639982106*',
      'H | bakeries | 63039 | +33639982108*',
    ],
    problems: ['5 commune.unknown', '8 commune.unknown'],
    remarks: ['3 postal_code.several', '4 postal_code.several', '7 postal_code.several'],
  },
  {
    name: 'words under the title of codes beside the trades',
    bytes: utf8(
      'Enseigne;Activité principale;Métier;Commune;Mobile\nA;Vente de pain;Boulanger;Issoire;0639982201',
    ),
    rows: 1,
    members: ['A | bakeries | 63178 | +33639982201*'],
  },
  {
    name: 'a list with what the chamber keeps beside each: charter on paper, dues, tags, notes, which are not lost nor doubled',
    bytes: windows(
      [
        'Enseigne;Métier;Commune;Portable;Charte papier signée le;À jour de cotisation;Mots-clés;Observations',
        'A;Boulanger;Issoire;06 39 98 15 01;12/03/2019;2025;Salon 2026, bureau;Fermé le lundi | Préfère le téléphone',
        'B;Boulanger;Issoire;06 39 98 15 02;non;non;Bureau;',
        'C;Boulanger;Issoire;06 39 98 15 03;oui;;;',
        `D;Boulanger;Issoire;06 39 98 15 04;;;${'x'.repeat(41)};`,
      ].join('\n'),
    ),
    rows: 4,
    members: ['A', 'B', 'C', 'D'].map((name, n) => `${name} | bakeries | 63178 | +3363998150${n + 1}*`),
    remarks: ['2 paid.no_campaign', '4 charter.without_day', '5 tag.too_long'],
    extras: ['A | 2019-03-12 | bureau, Salon 2026 | Fermé le lundi, Préfère le téléphone', 'B | bureau'],
  },
]
