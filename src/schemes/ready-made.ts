import type { Area, SimpleArea } from '../territory/contract.ts'
import type { AgencyDefinition, CategoryDefinition, SchemeDefinition } from './rules.ts'
import { type TradeCode, trades } from './trades.ts'

const ADVICE = 'Ne pas intervenir, ne pas transférer SMS.'

/**
 * The categories of the conventions, from which each scheme picks its own in the order of its keys. The templates are
 * deliberately brief: established facts, no person, no shop (precise elements require the prosecutor's agreement).
 */
const categories = {
  'armed-robbery': {
    labelFr: 'Vol à main armée',
    labelEn: 'Armed robbery',
    severity: 'vital',
    template: 'Vol à main armée {lieu} vers {heure} : {faits}. {conseil}',
  },
  'counterfeit-notes': {
    labelFr: 'Faux billets',
    labelEn: 'Counterfeit notes',
    severity: 'alert',
    template: 'Faux billets {zone}. {conseil}',
    // People who pass counterfeit notes go from shop to shop.
    area: 'epci',
  },
  'trick-theft': {
    labelFr: 'Vol par ruse',
    labelEn: 'Theft by trick',
    severity: 'alert',
    template: 'Vol par ruse {lieu} vers {heure} : {faits}. {conseil}',
  },
  'group-theft': {
    labelFr: 'Vol en réunion',
    labelEn: 'Theft by a group',
    severity: 'alert',
    template: 'Vol en réunion {lieu} vers {heure} : {faits}. {conseil}',
  },
  'stolen-cheques': {
    labelFr: 'Chèques ou cartes volés',
    labelEn: 'Stolen cheques or cards',
    severity: 'alert',
    template: 'Chèques ou cartes volés {lieu}. Vérifiez identité et signature. {conseil}',
  },
  fraud: {
    labelFr: 'Escroquerie',
    labelEn: 'Fraud',
    severity: 'alert',
    template: 'Escroquerie {lieu} : {faits}. Vérifiez tout ordre inhabituel. {conseil}',
  },
  burglary: {
    labelFr: 'Cambriolage',
    labelEn: 'Burglary',
    severity: 'alert',
    template: 'Cambriolage {lieu} : {faits}. Vérifiez fermetures et alarmes. {conseil}',
  },
  assault: {
    labelFr: 'Agression',
    labelEn: 'Assault or threats',
    severity: 'vital',
    template: 'Agression {lieu} vers {heure} : {faits}. {conseil}',
  },
  damage: {
    labelFr: 'Dégradations',
    labelEn: 'Damage',
    severity: 'notice',
    template: 'Dégradations {lieu} : {faits}. {conseil}',
  },
  'fuel-theft': {
    labelFr: 'Vol de carburant',
    labelEn: 'Fuel theft',
    severity: 'notice',
    template: 'Vol de carburant {lieu} : {faits}. {conseil}',
  },
  'goods-theft': {
    labelFr: 'Vol de fret ou de matériaux',
    labelEn: 'Theft of freight or materials',
    severity: 'alert',
    template: 'Vol de fret ou de matériaux {lieu} : {faits}. {conseil}',
  },
  'farm-equipment-theft': {
    labelFr: 'Vol de matériel agricole',
    labelEn: 'Theft of farm equipment',
    severity: 'alert',
    template: 'Vol de matériel agricole {lieu} : {faits}. Rentrez engins et GPS. {conseil}',
  },
  'livestock-theft': {
    labelFr: 'Vol d’animaux',
    labelEn: 'Theft of livestock',
    severity: 'alert',
    template: "Vol d'animaux {lieu} : {faits}. Surveillez les parcelles. {conseil}",
  },
  'crop-fire': {
    labelFr: 'Incendie volontaire',
    labelEn: 'Arson',
    severity: 'vital',
    template: 'Incendie volontaire {lieu} vers {heure} : {faits}. {conseil}',
  },
  prevention: {
    labelFr: 'Message de prévention',
    labelEn: 'Prevention message',
    severity: 'notice',
    template: 'Prévention {zone} : {faits}. {conseil}',
    level: 'prevention',
  },
} as const satisfies Record<string, Omit<CategoryDefinition, 'code'>>

type CategoryCode = keyof typeof categories

function pickCategories(...codes: CategoryCode[]): CategoryDefinition[] {
  return codes.map((code) => ({ code, ...categories[code] }))
}

/** The keys of the shopkeepers' schemes: 1 armed robbery, 2 counterfeit notes… */
const shopCategories = pickCategories(
  ...([
    'armed-robbery',
    'counterfeit-notes',
    'trick-theft',
    'group-theft',
    'stolen-cheques',
    'fraud',
  ] as const),
  ...(['burglary', 'assault', 'damage', 'fuel-theft', 'prevention'] as const),
)

function allTradesExcept(but: readonly TradeCode[]): TradeCode[] {
  return trades.map((trade) => trade.code).filter((code) => !but.includes(code))
}

/** All trades that receive the public; farmers and companies have schemes of their own. */
const shopTrades = allTradesExcept(['farmers', 'industry-construction', 'services-wholesale'])

const departement = (code: string): SimpleArea => ({ kind: 'departement', code })
const epci = (code: string): SimpleArea => ({ kind: 'epci', code })
const arrondissement = (code: string): SimpleArea => ({ kind: 'arrondissement', code })
const communes = (...codes: string[]): SimpleArea => ({ kind: 'communes', codes })
const unionOf = (...areas: SimpleArea[]): Area => ({ kind: 'union', areas })

function agency(
  code: string,
  kind: AgencyDefinition['kind'],
  name: string,
  zone: AgencyDefinition['zone'] = null,
): AgencyDefinition {
  return { code, name, kind, zone }
}

const common = {
  closingAdvice: ADVICE,
  smsPriceMillicents: 4500,
  alertLifetimeHours: 12,
  doctrine: {
    approval: [
      { categories: 'all', severities: 'all', level: 'precise' },
      { categories: 'all', severities: ['vital'] },
    ],
    closingMessage: true,
  },
} satisfies Partial<SchemeDefinition>

/** Zone of the police station of Clermont-Ferrand: the city and the communes around it. */
const CLERMONT_POLICE = [
  '63113',
  '63014',
  '63032',
  '63063',
  '63070',
  '63075',
  '63124',
  '63141',
  '63164',
  '63308',
]

/**
 * Riom with Mozac, Thiers and Issoire have police stations of their own, but the centre of Clermont answers their calls to
 * 17.
 */
const OTHER_STATIONS_63 = ['63300', '63245', '63430', '63178']

/** The five schemes that `tocsin schemes load` can load. */
export const readyMade: readonly SchemeDefinition[] = [
  {
    ...common,
    id: 'ac63',
    name: 'Alerte Commerces 63',
    territory: departement('63'),
    referencePrefix: '63',
    trades: shopTrades,
    sender: 'ALERTCOM63',
    categories: shopCategories,
    agencies: [
      agency(
        'cic-63',
        'police',
        'Police nationale, DDSP 63, CIC de Clermont-Ferrand',
        communes(...CLERMONT_POLICE, ...OTHER_STATIONS_63),
      ),
      agency('corg-63', 'gendarmerie', 'Gendarmerie nationale, CORG du Puy-de-Dôme', 'elsewhere'),
      agency('parquet-clermont', 'prosecutor', 'Parquet de Clermont-Ferrand'),
      agency('cci-63', 'chamber', 'CCI Puy-de-Dôme Clermont Auvergne Métropole'),
      agency('prefecture-63', 'observer', 'Préfecture du Puy-de-Dôme'),
    ],
    sectors: [
      { name: 'Clermont et sa couronne', area: epci('246300701') },
      { name: 'Val d’Allier sud et Lembron', area: epci('200070407') },
      { name: 'Riom et Limagne', area: unionOf(epci('200070753'), epci('200071199')) },
      { name: 'Thiers et Dore', area: unionOf(epci('200070712'), epci('246301097')) },
      { name: 'Combrailles', area: unionOf(epci('200071215'), epci('200072080'), epci('200072098')) },
      { name: 'Sancy et Artense', area: unionOf(epci('246300966'), epci('200069169')) },
      { name: 'Livradois-Forez', area: epci('200070761') },
    ],
  },
  {
    ...common,
    id: 'ac39',
    name: 'Alerte Commerces 39',
    territory: departement('39'),
    referencePrefix: '39',
    trades: shopTrades,
    sender: 'ALERTCOM39',
    categories: shopCategories,
    // In the Jura the centre of the gendarmerie dispatches for everyone.
    agencies: [
      agency('corg-39', 'gendarmerie', 'Gendarmerie nationale, CORG du Jura'),
      agency('parquet-lons', 'prosecutor', 'Parquet de Lons-le-Saunier'),
      agency('cci-39', 'chamber', 'CCI du Jura'),
      agency('prefecture-39', 'observer', 'Préfecture du Jura'),
    ],
    sectors: [
      {
        name: 'Grand Dole et plaine',
        area: unionOf(epci('200010650'), epci('243901089'), epci('243900420')),
      },
      { name: 'Lons et Bresse', area: unionOf(epci('200071116'), epci('200069615'), epci('200072056')) },
      { name: 'Haut-Jura', area: unionOf(epci('200026573'), epci('243900479'), epci('243900354')) },
      { name: 'Champagnole et Arbois', area: unionOf(epci('200069623'), epci('200071595')) },
    ],
  },
  {
    ...common,
    id: 'ab03',
    name: 'Alerte Buralistes 03',
    territory: departement('03'),
    referencePrefix: '03',
    trades: ['tobacco-press'],
    sender: 'BURALISTE03',
    categories: pickCategories(
      ...([
        'armed-robbery',
        'counterfeit-notes',
        'trick-theft',
        'group-theft',
        'stolen-cheques',
        'fraud',
      ] as const),
      ...(['burglary', 'assault', 'damage', 'prevention'] as const),
    ),
    agencies: [
      agency(
        'police-montlucon',
        'police',
        'Police nationale, Montluçon',
        communes('03185', '03098', '03101'),
      ),
      agency('police-moulins', 'police', 'Police nationale, Moulins', communes('03190', '03321', '03013')),
      agency('police-vichy', 'police', 'Police nationale, Vichy', communes('03310', '03095', '03023')),
      agency('corg-03', 'gendarmerie', 'Gendarmerie nationale, CORG de l’Allier', 'elsewhere'),
      agency('parquet-montlucon', 'prosecutor', 'Parquet de Montluçon', arrondissement('031')),
      agency('parquet-moulins', 'prosecutor', 'Parquet de Moulins', arrondissement('032')),
      agency('parquet-cusset', 'prosecutor', 'Parquet de Cusset', arrondissement('033')),
      agency('buralistes-03', 'chamber', 'Chambre syndicale des buralistes de l’Allier'),
      agency('prefecture-03', 'observer', 'Préfecture de l’Allier'),
    ],
    sectors: [
      { name: 'Montluçon et Commentry', area: unionOf(epci('200071082'), epci('200071512')) },
      { name: 'Moulins et Bocage', area: unionOf(epci('200071140'), epci('200071496')) },
      { name: 'Vichy et Val de Besbre', area: unionOf(epci('200071363'), epci('200071470')) },
    ],
  },
  {
    ...common,
    id: 'ae43',
    name: 'Alerte Entreprises 43',
    territory: departement('43'),
    referencePrefix: '43',
    trades: allTradesExcept(['farmers']),
    sender: 'ALERTENT43',
    categories: pickCategories(
      ...([
        'armed-robbery',
        'counterfeit-notes',
        'trick-theft',
        'group-theft',
        'stolen-cheques',
        'fraud',
      ] as const),
      ...(['burglary', 'assault', 'goods-theft', 'fuel-theft', 'damage', 'prevention'] as const),
    ),
    agencies: [
      agency(
        'police-le-puy',
        'police',
        'Police nationale, Le Puy-en-Velay',
        communes('43157', '43002', '43041', '43046', '43089', '43251'),
      ),
      agency('corg-43', 'gendarmerie', 'Gendarmerie nationale, CORG de la Haute-Loire', 'elsewhere'),
      agency('parquet-le-puy', 'prosecutor', 'Parquet du Puy-en-Velay'),
      agency('cci-43', 'chamber', 'CCI de la Haute-Loire'),
      agency('prefecture-43', 'observer', 'Préfecture de la Haute-Loire'),
    ],
    sectors: [
      { name: 'Bassin du Puy', area: epci('200073419') },
      {
        name: 'Brivadois et Haut Allier',
        area: unionOf(epci('200085728'), epci('244301099'), epci('200073393')),
      },
      {
        name: 'Loire, Semène et Sucs',
        area: unionOf(epci('244301131'), epci('200073427'), epci('244301016')),
      },
    ],
  },
  {
    ...common,
    id: 'aa63',
    name: 'Alerte Agri 63',
    territory: departement('63'),
    referencePrefix: '63A',
    trades: ['farmers'],
    sender: 'ALERTAGRI63',
    categories: pickCategories(
      ...([
        'farm-equipment-theft',
        'fuel-theft',
        'livestock-theft',
        'burglary',
        'trick-theft',
        'fraud',
      ] as const),
      ...(['crop-fire', 'assault', 'damage', 'prevention'] as const),
    ),
    agencies: [
      agency('corg-63', 'gendarmerie', 'Gendarmerie nationale, CORG du Puy-de-Dôme'),
      agency('parquet-clermont', 'prosecutor', 'Parquet de Clermont-Ferrand'),
      agency('agriculture-63', 'chamber', 'Chambre d’agriculture du Puy-de-Dôme'),
      agency('prefecture-63', 'observer', 'Préfecture du Puy-de-Dôme'),
    ],
    sectors: [
      { name: 'Limagne', area: unionOf(epci('200071199'), epci('200070753'), epci('200067627')) },
      { name: 'Pays d’Issoire', area: arrondissement('633') },
      { name: 'Livradois', area: arrondissement('631') },
    ],
  },
]

export function findReadyMade(code: string): SchemeDefinition | undefined {
  return readyMade.find((scheme) => scheme.id === code)
}
