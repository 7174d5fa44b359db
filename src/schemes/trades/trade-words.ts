import { differsByAtMost } from '../../territory/places/spelling.ts'
import { plainWords } from './plain-words.ts'
import {
  findTrade,
  MAX_NEAR,
  type Trade,
  type TradeCode,
  type TradeLists,
  tradeOfWords,
  trades,
  tradesWith,
  withoutWords,
} from './trades.ts'

/**
 * Trades as people say them, in lists and by phone: the person for the shop, the goods for the trade. A scheme adds its own by
 * answering for a word that is not here (src/imports/answers).
 */
const SYNONYMS: Readonly<Partial<Record<TradeCode, string>>> = {
  'general-shops':
    'boutique, déco, livres, bouquins, bandes dessinées, BD, mangas, jeux vidéo, jeux de société, retouches, repassage, clés, double de clés, lavomatique, lavomatic, photocopies, reprographie, réparation de téléphones, réparation téléphone, téléphones, cartouches d’encre, cbd, trottinettes, bouquets, appareils auditifs, aspirateurs, matelas, canapés, bougies, affiches, ordinateurs, aquariophilie, nettoyage à sec, graineterie, jardinerie animalerie, audioprothésiste, tapissier, tapissière, tapissier décorateur, encadreur, luthier, coutellerie, coutelier, matériel médical, orthopédie, piano, vannerie, poterie, céramique, savonnerie, parquet et tapis, rideaux, luminaires, cuisines, salles de bains, poêles et cheminées, vente de piscines, loisirs créatifs, modélisme, instruments, philatélie, numismatique, libraire, librairie papeterie, fleuristerie, fleurs, artisan fleuriste, laverie, blanchisserie, teinturerie, retoucherie, couture, cordonnerie, cordonnier, serrurerie minute, cadeaux, souvenirs, décoration, meubles, ameublement, magasin de meubles, literie, électroménager, hifi, informatique, réparation informatique, téléphonie, jouets, articles de sport, sport, cycles, vélos, magasin de vélos, animalerie, antiquités, antiquaire, brocante, dépôt vente, friperie, galerie d’art, encadrement, photographe, photo, musique, instruments de musique, disquaire, cigarette électronique, vape, e cigarette, magasin de cbd, herboristerie, droguerie, arts de la table, cuisiniste, puériculture, armurerie, armes, chasse et pêche, commerce de détail, détaillant, bouquiniste, sex shop',
  'food-shops':
    'bière, bières, cave à bières, glaces, poissons, légumes, fromage, épices, olives, alimentation bio, vrac, thés, épicier, épicerie fine, alimentation générale, supérette de quartier, supermarchés, primeurs, fruits et légumes, marchand de fruits et légumes, cave, cave à vin, caves, vins et spiritueux, fromager, crèmerie, crémier, fromages, poissonnier, produits bio, magasin bio, bio, produits régionaux, produits locaux, torréfacteur, torréfaction, thé et café, glacier, surgelés, drive, commerce alimentaire, GMS, grande distribution, marché, commerçant ambulant, commerçante ambulante, marchand ambulant, forain, produits de la ferme, miel, vin',
  bakeries:
    'boul, boulang, chocolats, gâteaux, macarons, croissants, confiserie, confiseur, boulangère, pâtissière, boulanger pâtissier, artisan boulanger, pain, dépôt de pain, viennoiserie, terminal de cuisson, chocolatier, chocolatière, biscuiterie, pâtisserie chocolaterie, salon de thé pâtisserie, boul pat, boul pât',
  butchers:
    'bouchère, boucher charcutier, charcutier traiteur, boucherie charcuterie traiteur, triperie, volailler, rôtisserie, viande, viandes, boucherie chevaline, boucherie halal',
  pharmacies: 'pharm, phie, phcie, médicaments, pharmacienne, pharmacie officine, parapharmacie, pharma',
  jewellers:
    'bij, bagues, alliances, réparation de montres, bijoutière, bijoux, joaillier, horlogerie bijouterie, montres, achat d’or, or, bijouterie fantaisie',
  opticians: 'opticienne, lunettes, optique lunetterie, magasin d’optique, optique audition',
  clothing:
    'fringues, laine, tissus, chapeaux, chaussettes, costumes, bottier, linge de maison, mercerie, maroquinier, vêtement, prêt à porter féminin, prêt à porter masculin, pap, magasin de vêtements, boutique de vêtements, boutique de mode, chausseur, magasin de chaussures, sacs, sous vêtements, vêtements enfants, mode enfant, robes de mariée, mariage, costumier, accessoires de mode, chapellerie, tailleur',
  'tobacco-press':
    'fournitures de bureau, cigarettes, cigares, papeterie, bar tabac presse, bar tabac pmu, bar tabac fdj, café tabac, tabac journaux, tabac loto, tabac fdj, débitant de tabac, débit de tabac, tabac jeux, tabac bimbeloterie, buraliste presse, journaux, marchand de journaux, presse librairie, librairie presse, kiosque, kiosque à journaux, diffuseur de presse, tabac alimentation, tabac épicerie',
  'petrol-stations':
    'station, station total, essence, distribution de carburants, pompe à essence, pompiste, carburants',
  'banks-post':
    'bque, établissement bancaire, crédit, la poste, poste agence communale, bureau de change, relais poste, caisse d’épargne, crédit agricole, crédit mutuel, banque populaire',
  'restaurants-bars':
    'resto, restau, restos, bar à bières, sandwichs, burgers, cyber café, plats cuisinés, paninis, poulet rôti à emporter, restaurateur, restauratrice, cafetier, cafetière, barman, pizzeria, pizza, pizzas à emporter, crêperie, kebab, snack, snacking, fast food, food truck, friterie, sandwicherie, salon de thé, café restaurant, bar restaurant, bar brasserie, brasserie restaurant, café bar, pub, bar à vin, bar de nuit, discothèque, boîte de nuit, cafétéria, restaurant traiteur, restauration à emporter, vente à emporter, tacos, sushi, restaurant asiatique, auberge, bistrot, bistro, cabaret, guinguette',
  hotels:
    'hôtelier, hôtelière, hôtel bar, chambre d’hôtes, chambres d’hôtes, maison d’hôtes, gîte rural, résidence de tourisme, village vacances, auberge de jeunesse, hôtel bar restaurant, hôtel brasserie, location de vacances',
  'hairdressers-beauty':
    'coiff, esthét, manucure, maquilleuse, coupe de cheveux, épilation, pose d’ongles, salon esthétique, coiffeuse, coiffeur barbier, coiffure mixte, coiffure homme, coiffure femme, coiffure à domicile, coiffeuse à domicile, salon coiffure, coif, barber, barber shop, esthéticienne, esthéticien, soins esthétiques, onglerie, prothésiste ongulaire, ongles, bar à ongles, institut, institut beauté, beauté, spa, massage, massages, bronzage, cosmétiques, perruques, maquillage',
  garages:
    'lavage, vidange, location de voitures, location de véhicules, location auto, garage automobile, garage auto, garages automobiles, mécanicien, mécanique auto, mécanique automobile, mécanique, réparation automobile, réparation auto, réparateur auto, auto, autos, concession auto, concessionnaire auto, agent automobile, agent renault, agent peugeot, agent citroën, vente de voitures, voitures, voitures d’occasion, véhicules d’occasion, véhicules, carrossier, carrosserie peinture, pneus, pneumatiques, centre auto, contrôle technique, dépannage, dépanneur, dépannage remorquage, motos, moto cycles, motocycles, scooters, camping cars, lavage auto, station de lavage, pièces auto, pièces détachées auto, pare brise, vitrage automobile',
  'tools-garden':
    'quincaillier, magasin de bricolage, outils, jardin, espaces verts matériel, motoculteur, motoculture de plaisance, tronçonneuses, location matériel, location d’outillage, matériaux',
  'farm-machinery':
    'tracteur, matériel agricole et viticole, machines agricoles, réparation agricole, mécanique agricole, concessionnaire agricole, agri matériel',
  'scrap-dealers':
    'ferraille, ferrailles, récupérateur, casse auto, casse, épaviste, démolisseur, recyclage métaux, récupération de métaux, déchets, déchetterie',
  'delivery-transport':
    'transporteur routier, livreur de repas, transports, transport routier, livreur, coursier, taxis, vtc, ambulances, ambulancier, taxi ambulance, déménagement, déménageur, point relais, colis, autocar, autocars, autocariste, messageries',
  'industry-construction':
    'marbrier, marbrerie, ferronnier, ferronnerie, ramoneur, ramonage, vitrier, vitrerie, miroiterie, étancheur, brasseur, ébénisterie, tôlerie, mécanique de précision, prothésiste dentaire, maçon, maçonnerie, plombier, plomberie, plombier chauffagiste, plomberie chauffage, chauffagiste, électricien, électricité, électricité générale, peintre en bâtiment, plâtrier, plâtrerie, plâtrier peintre, couvreur, couverture, zinguerie, charpente, charpentier, menuisier, menuiserie, ébéniste, carreleur, carrelage, serrurier, serrurerie, métallerie, terrassement, terrassier, TP, entreprise du bâtiment, bâtiment et travaux publics, imprimerie, imprimeur, scierie, fonderie, chaudronnerie, usinage, fabrication, paysagiste construction, isolation, façadier, constructeur de maisons, piscines, pisciniste',
  'services-wholesale':
    'immo, voyages, tattoo, yoga, pilates, danse, école de danse, école de musique, escape game, bowling, infirmier, kiné, ostéo, mutuelle, magnétiseur, diététicien, diététicienne, nutritionniste, pédicure, toiletteur, toiletteuse, toilettage canin, micro crèche, parking, permis de conduire, code de la route, cabinet médical, salle de danse, laser game, écrivain public, coworking, espace de coworking, soutien scolaire, courtier en crédit, tatouage, tatoueur, toilettage, jardinier, sophrologue, podologue, orthophoniste, psychologue, sage femme, musée, salle de spectacle, théâtre, école, agence web, graphiste, traducteur, conseil, consultant, coach, huissier, commissaire de justice, diagnostiqueur, syndic, assureur, assurances, agent d’assurance, agent général d’assurance, courtier, agent immobilier, immobilier, agence immo, notaire, avocat, expert comptable, comptable, cabinet comptable, architecte, géomètre, auto école, moto école, école de conduite, agence de voyage, agence de voyages, agence d’intérim, intérim, pompes funèbres, vétérinaire, médecin, dentiste, infirmière, kinésithérapeute, ostéopathe, laboratoire, nettoyage, entreprise de nettoyage, paysagiste, espaces verts, sécurité, gardiennage, salle de sport, fitness, cinéma, casino, mairie, association, agence de communication, publicité, commerce en gros, négociant, négoce de vin, négoce de bois, prestataire de services, services à la personne, aide à domicile, crèche, formation',
  farmers:
    'horticulteur, pépiniériste, pépinière, exploitant agricole, exploitante agricole, agriculteur éleveur, ferme, éleveuse, éleveur bovin, élevage bovin, maraîcher, maraîchère, maraîchage, viticulteur, vigneron, viticulture, céréalier, cultivateur, SCEA, apiculteur, apicultrice, arboriculteur, producteur, producteur fermier, paysan, exploitation forestière, cuma',
}

/** Words that say little: next to another trade, that one is meant ("commerce de vêtements", "vente de fleurs"). */
const VAGUE = new Set(
  [
    'commerce',
    'commerçant',
    'magasin',
    'service',
    'services',
    'boutique',
    'déco',
    'négoce',
    'vente',
    'auto',
    'autos',
    'mode',
    'fabrication',
    'sport',
    'marché',
    'station',
    'or',
    'bio',
    'jardin',
    'crédit',
    'cave',
    'caves',
    'ferme',
    'institut',
    'formation',
    'sécurité',
    'beauté',
    'association',
    'informatique',
    'construction',
    'café',
    'auberge',
    'producteur',
    'artisan du bâtiment',
    'musique',
    'photo',
    'couture',
    'décoration',
    'vin',
    'livraison',
    'traiteur',
    'casse',
    'métaux',
    'poste',
    'industrie',
    'détaillant',
    'commerce de détail',
    'mécanique',
    'réparation',
    'mariage',
    'livres',
    'clés',
    'glaces',
    'thés',
    'vrac',
    'lavage',
    'parking',
    'danse',
    'légumes',
    'fromage',
    'chocolats',
    'repassage',
  ].map(plainWords),
)

/** Words for any shop: next to another vague word, that one is meant ("boutique mode", "magasin auto"). */
const SHOP = new Set(['commerce', 'commerçant', 'magasin', 'boutique'].map(plainWords))

/** Returns the synonyms of a built-in trade, without those that the scheme removed. */
function synonymsOf(code: string, own: readonly Trade[]): readonly string[] {
  const words = SYNONYMS[code as TradeCode]?.split(', ') ?? []
  const without = own.find((trade) => trade.code === code && trade.retired !== true)?.without
  return without === undefined ? words : withoutWords(words, without.words)
}

/** Letters by which words that begin alike are related: parfums, parfumerie. */
const STEM = 5
/** Letters of the shortest abbreviation: opt., bij. */
const SHORTEST_STEM = 3

interface Phrases {
  readonly trades: ReadonlyMap<string, string>
  /** The words of the phrases by their beginning (`SHORTEST_STEM`). */
  readonly stems: ReadonlyMap<string, readonly { readonly word: string; readonly trade: string }[]>
  /** Words of the longest one. */
  readonly longest: number
}

const NO_OWN: readonly Trade[] = []
const phrasesByScheme = new WeakMap<readonly Trade[], Phrases>()

/** Lists the phrases that name a trade; those of the scheme's own trades come first. */
function phrasesOf(given: readonly Trade[]): Phrases {
  const own = given.length === 0 ? NO_OWN : given
  const known = phrasesByScheme.get(own)
  if (known !== undefined) return known
  const found = new Map<string, string>([
    ...trades.flatMap(({ code }) =>
      synonymsOf(code, own).map((word): [string, string] => [plainWords(word), code]),
    ),
    ...tradesWith(own).flatMap(({ code, nameFr, words }) =>
      [nameFr, ...words].map((word): [string, string] => [plainWords(word), code]),
    ),
  ])
  const longest = Math.max(...[...found.keys()].map((phrase) => phrase.split(' ').length))
  const words = [...found].flatMap(([phrase, trade]) =>
    phrase.split(' ').flatMap((word) => (word.length < STEM || VAGUE.has(word) ? [] : [{ word, trade }])),
  )
  const phrases = {
    trades: found,
    longest,
    stems: Map.groupBy(words, ({ word }) => word.slice(0, SHORTEST_STEM)),
  }
  phrasesByScheme.set(own, phrases)
  return phrases
}

export interface TradeReading {
  /** Undefined if several trades, or none, may be meant. */
  readonly trade: string | undefined
  /** Whether the words are those of the trade, and not only part of what was written. */
  readonly isExact: boolean
  /** Trades that may be meant, the first named first. */
  readonly candidates: readonly string[]
}

/**
 * Reads a trade as a person wrote it: "Garage automobile", "coiffeuse à domicile", "Bar-restaurant le midi".
 * @param own trades of the scheme, as for `findTrade`
 */
export function readTradeWords(text: string, own: readonly Trade[] = NO_OWN): TradeReading {
  const phrases = phrasesOf(own)
  const plain = plainWords(text.replace(/\(.*?\)/g, ' '))
  const exact = tradeOfWords(text, own) ?? phrases.trades.get(plainWords(text)) ?? phrases.trades.get(plain)
  if (exact !== undefined) return { trade: exact, isExact: true, candidates: [exact] }
  const found = phrasesIn(phrases, plain.split(' '))
  const parts = [
    found.filter(({ phrase }) => !VAGUE.has(phrase)),
    found.filter(({ phrase }) => !SHOP.has(phrase)),
  ]
  const candidates = [...new Set((parts.find((part) => part.length > 0) ?? found).map(({ trade }) => trade))]
  if (candidates.length > 0)
    return { trade: candidates.length === 1 ? candidates[0] : undefined, isExact: false, candidates }
  return { trade: undefined, isExact: false, candidates: nearTrades(phrases, plain) }
}

/** Finds the known phrases among words, the longest at each place. */
function phrasesIn(
  { trades: known, longest }: Phrases,
  words: readonly string[],
): { readonly phrase: string; readonly trade: string }[] {
  const found: { phrase: string; trade: string }[] = []
  for (let at = 0; at < words.length; ) {
    let length = Math.min(longest, words.length - at)
    while (length > 0 && !known.has(words.slice(at, at + length).join(' '))) length--
    const phrase = words.slice(at, at + length).join(' ')
    const trade = known.get(phrase)
    if (trade !== undefined) found.push({ phrase, trade })
    at += Math.max(1, length)
  }
  return found
}

/** Shortest word in which a mistake is looked for. */
const SHORTEST = 5
/** From this length on, two letters may differ. */
const LONG = 8

function nearTrades(phrases: Phrases, plain: string): string[] {
  if (plain.length < SHORTEST) return []
  const most = plain.length < LONG ? 1 : 2
  const near = [...phrases.trades].filter(
    ([phrase]) => phrase.length >= SHORTEST && differsByAtMost(phrase, plain, most),
  )
  return [...new Set(near.map(([, trade]) => trade))].slice(0, MAX_NEAR)
}

/**
 * Lists the trades of which a known word begins like a word of the text, those with the most letters in common first, and of these
 * those whose known word has the fewest others: for texts that name no trade. Where no long word is known, a short one counts that
 * begins a known one, as abbreviations do: "immo", "opt.".
 * @param among the trades that may be meant
 * @param own trades of the scheme, as for `findTrade`
 */
export function listNearTrades(
  text: string,
  among: readonly string[],
  own: readonly Trade[] = NO_OWN,
): readonly string[] {
  const words = plainWords(text).split(' ')
  const phrases = phrasesOf(own)
  const long = listTradesLike(
    phrases,
    words.filter((word) => word.length >= STEM),
    among,
  )
  if (long.length > 0) return long
  const short = words.filter((word) => word.length >= SHORTEST_STEM && word.length < STEM)
  return listTradesLike(phrases, short, among)
}

function listTradesLike(
  { stems }: Phrases,
  words: readonly string[],
  among: readonly string[],
): readonly string[] {
  const common = new Map<string, { readonly length: number; readonly rest: number }>()
  for (const word of words) {
    const least = Math.min(STEM, word.length)
    for (const known of stems.get(word.slice(0, SHORTEST_STEM)) ?? []) {
      let length = SHORTEST_STEM
      while (length < word.length && word[length] === known.word[length]) length++
      const best = common.get(known.trade)
      const rest = known.word.length - length
      const isBetter =
        best === undefined || length > best.length || (length === best.length && rest < best.rest)
      if (length >= least && isBetter && among.includes(known.trade))
        common.set(known.trade, { length, rest })
    }
  }
  return [...common]
    .sort(([, a], [, b]) => b.length - a.length || a.rest - b.rest)
    .slice(0, MAX_NEAR)
    .map(([trade]) => trade)
}

/**
 * Lists the trades of which a known word begins with the text, each once, with that word as it is usually written.
 * @param own trades of the scheme, as for `findTrade`
 */
export function listTradesByBeginning(
  text: string,
  own: readonly Trade[] = NO_OWN,
): { readonly trade: string; readonly word: string }[] {
  const plain = plainWords(text)
  if (plain === '') return []
  const all = tradesWith(own)
  const ordered = [...all.slice(trades.length), ...all.slice(0, trades.length)]
  const found = ordered.flatMap((trade) => {
    // Usual words before synonyms, some of which are abbreviations.
    const lists: readonly (readonly string[])[] = [trade.words, synonymsOf(trade.code, own), [trade.nameFr]]
    const begun = lists
      .map((words) => words.filter((word) => plainWords(word).startsWith(plain)))
      .find((words) => words.length > 0)
    const word = begun?.toSorted((one, other) => one.length - other.length)[0]
    return word === undefined ? [] : [{ trade: trade.code, word }]
  })
  return found.filter(({ trade }, at) => found.findIndex((one) => one.trade === trade) === at)
}

/** Lists every synonym with its trade. */
export function listSynonyms(): readonly (readonly [word: string, trade: TradeCode])[] {
  return (Object.entries(SYNONYMS) as [TradeCode, string][]).flatMap(([trade, words]) =>
    words.split(', ').map((word) => [word, trade] as const),
  )
}

/**
 * Returns everything that leads to a trade: of a built-in one, its usual words and synonyms too.
 * @param own trades of the scheme, as for `findTrade`; one that is retired counts as if it were used
 */
export function wholeTrade(code: string, own: readonly Trade[] = NO_OWN): Trade | undefined {
  const named = findTrade(code, own)
  if (named === undefined) return undefined
  const { nameFr, nameEn } = named
  const used = own.filter((trade) => trade.code === code).map(({ retired: _, ...trade }) => trade)
  const parts = tradesWith(used).filter((trade) => trade.code === code)
  const gather = (of: keyof TradeLists) => parts.flatMap((trade) => trade[of])
  const words = [...gather('words'), ...synonymsOf(code, used)]
  const plain = words.map(plainWords)
  return {
    code,
    nameFr,
    nameEn,
    naf: [...new Set(gather('naf'))],
    naf2025: [...new Set(gather('naf2025'))],
    words: words.filter((_, at) => plain.indexOf(plain[at] ?? '') === at),
  }
}
