const setOf = (words: string) => new Set(words.trim().split(/\s+/))

/** Words that link others and say nothing alone. */
export const LINKS: ReadonlySet<string> = setOf(
  'a au aux de du des d le la les l un une et en dans ds sur par pour vers dir chez avec avc ou sont',
)

/** People, as facts name them. */
export const PERSONS: ReadonlySet<string> = setOf(`
  homme hommes h femme femmes f individu individus ind indiv personne personnes pers jeune jeunes auteur auteurs suspect
  suspects mineur mineurs couple fille filles garcon garcons complice complices malfaiteur malfaiteurs braqueur braqueurs
  voleur voleurs type types mec mecs enfant enfants ado ados adolescent adolescents client clients cliente clientes vendeur
  vendeuse vendeurs gerant gerante patron patronne caissiere caissier commercant commercante boulangere buraliste employe
  employee livreur chauffeur serveur serveuse coiffeuse pharmacienne restaurateur restauratrice facteur vigile agent policier policiers gendarme gendarmes temoin victime passager conducteur motard`)

/** Abbreviations of people, with the word that shopkeepers read in the message; a letter is one after a number only. */
export const SHORT_PERSONS: ReadonlyMap<string, string> = new Map([
  ['ind', 'individu'],
  ['indiv', 'individu'],
  ['h', 'homme'],
  ['f', 'femme'],
])

/**
 * Words of facts that are typed without their accents in haste, in the singular. None of them is another word without them
 * ("cagoule", "arme"), and their accents cost no longer SMS (GSM 03.38).
 */
export const ACCENTED: readonly string[] = [
  ...setOf(`
    véhicule vélo gérant gérante caissière boulangère employée témoin armée cagoulée masquée casquée gantée blessée frappée
    bousculée menacée ligotée volée brisée cassée forcée fracturée immatriculée foncée étranger étrangère découvert déjà après
    derrière intérieur extérieur numéro téléphone téléphonique chèque chéquier pièce démarcheur caméra école`),
]

/** Words before which "a" is "à". */
export const AFTER_TO: ReadonlySet<string> = setOf(
  'pied pieds moto velo scooter trottinette bord feu gauche droite proximite hauteur',
)

/** Vehicles, with the word that introduces one after a person. */
export const VEHICLES: ReadonlyMap<string, string> = new Map([
  ...[
    ...setOf(`
    scooter scoot scooters moto motos mobylette quad voiture voitures vehicule vehicules auto berline break citadine
    camionnette fourgon fourgonnette camion utilitaire suv 4x4 monospace cabriolet taxi bus car
    clio megane peugeot renault citroen audi bmw mercedes volkswagen ford fiat opel toyota dacia skoda kangoo berlingo
    twingo corsa scenic picasso tmax`),
  ].map((one) => [one, 'en'] as const),
  ...[...setOf('velo velos trottinette trottinettes vtt pied pieds')].map((one) => [one, 'à'] as const),
])

/** Other words that facts of calls contain, so that they count as understood. */
export const FACT_WORDS: ReadonlySet<string> = setOf(`
  fuite fuient fuit fuyant enfuis enfui enfuie partis parti partie partent part repartis reparti pris prise pieds
  cagoule cagoules cagoulee casque casques masque masques gante gantes capuche capuches visage decouvert dissimule
  arme armes armee armees feu feux poing blanche couteau couteaux pistolet fusil pompe revolver matraque batte gazeuse
  lacrymogene gaz hache machette barre fer bombe coups coup tir tirs blesse blessee blesses bouscule bousculee frappe
  frappee ligote ligotee menace menaces menacee otage otages
  argent caisse recette butin tiroir coffre cartouches cigarettes bijoux montres euros euro billet billets piece pieces
  liasse sac sacs marchandise telephone portable
  noir noire noirs noires blanc blanches blancs gris grise rouge rouges bleu bleue bleus vert verte jaune orange marron
  fonce foncee clair claire sombre brun brune bruns blond blonde roux chauve barbe barbu moustache lunettes
  grand grande petit petite mince corpulent corpulente costaud age agee ages agees ans environ taille type accent etranger
  etrangere europeen africain maghrebin asiatique
  jogging blouson veste manteau pull sweat jean pantalon jupe jupes longues robe baskets casquette bonnet foulard gants
  seul seule seuls ensemble dehors guet interieur exterieur derriere devant toujours encore deja puis apres avant pendant
  trois quatre cinq six sept huit neuf dix deux plusieurs groupe bande serie
  golf seat partner trafic master jumper transit polo fiesta
  immatricule immatriculee plaque plaques
  faux fausse policiers agents agent eaux edf plombier livreurs demarcheur demarcheurs conseiller bancaire virement rib
  fournisseur cheque cheques carte cartes bois pickpocket telephonique internet
  vitrine vitrines brisee cassee cassees porte rideau volet forcee fracture fracturee effraction alarme tags tag abribus
  etalage vol vole volee voles volees tentative
  direction sens sortie autoroute nord sud est ouest ville secteur
  blessure pompiers ambulance cours urgent renfort`)

/** Types of streets and squares. */
export const STREETS: ReadonlySet<string> = setOf(`
  rue ruelle r avenue av ave boulevard bd bld bvd place pl placette allee allees impasse imp chemin ch route rte quai cours
  square passage esplanade promenade montee faubourg fbg hameau lotissement parvis centre aire quartier`)

const phrases = (text: string) => text.split('|').map((one) => one.trim())

/** Kinds of shops, well-known signs and public places that say where in a commune it happened. */
export const PLACES: readonly string[] = phrases(
  `bureau de tabac|bureau tabac|tabac presse|bar tabac|bar pmu|bar tabac pmu|tabac loto|tabac|tabacs|pmu|presse|maison de la presse|librairie|papeterie|
  supermarche|supermarches|hypermarche|superette|epicerie|magasin|magasin de sport|magasin de ski|magasin de vetements|commerce|commerces|
  boutique|boulangerie|boulang|boulangerie patisserie|patisserie|boucherie|boucherie charcuterie|charcuterie|poissonnerie|fromagerie|chocolaterie|
  traiteur|primeur|caviste|pharmacie|pharma|parapharmacie|bijouterie|bijout|horlogerie|parfumerie|opticien|optique|coiffeur|salon de coiffure|
  institut de beaute|fleuriste|jardinerie|quincaillerie|droguerie|bricolage|maroquinerie|pressing|laverie|bar|cafe|brasserie|restaurant|resto|
  pizzeria|creperie|kebab|fast food|auberge|hotel|camping|gite|discotheque|boite de nuit|snack|salon de the|agence immobiliere|agence de voyages|barbier|auto ecole|garage|concession|station|station service|
  station essence|station total|banque|agence bancaire|distributeur|dab|gab|poste|bureau de poste|la poste|drive|grande surface|galerie marchande|
  centre commercial|buraliste|boulanger|boucher|bijoutier|pharmacien|garagiste|ferme|exploitation agricole|hangar|hangar agricole|batiment agricole|depot|entrepot|chantier|
  casino|leclerc|cora|match|simply|grand frais|marie blachere|bp|avia|picard|biocoop|lapeyre|leroy merlin|brico depot|bricomarche|point vert|gamm vert|kiabi|mr bricolage|feu vert|norauto|darty|fnac|cultura|carrefour|carrefour market|carrefour city|carrefour contact|carrefour express|intermarche|super u|hyper u|u express|lidl|aldi|
  auchan|spar|vival|proxi|netto|leader price|monoprix|decathlon|intersport|action|gifi|noz|mcdo|mcdonald s|quick|burger king|total|esso|
  credit agricole|caisse d epargne|credit mutuel|societe generale|banque populaire|marionnaud|sephora|nocibe|
  gare|gare sncf|gare routiere|mairie|eglise|marche|halle|halles|parking|centre ville|bourg|zone commerciale|zone artisanale|zone industrielle|
  zone d activite|zone d activites|zi|za|zac|ecole|college|lycee|hopital|clinique|maison de retraite|residence|stade|cimetiere|aire de repos|
  aire d autoroute|peage`,
)

/** People by whose trade a shop may be named; after an article they are persons of the facts. */
export const TRADESPEOPLE: ReadonlySet<string> = setOf(
  'buraliste boulanger boucher bijoutier pharmacien garagiste opticien coiffeur fleuriste caviste traiteur primeur',
)

/** Words before a place that are part of it, because they change its meaning. */
export const BESIDE: readonly string[] = phrases(
  'devant|derriere|pres de|pres du|pres d|face a|face au|en face de|en face du|a cote de|a cote du|a cote d|a proximite de|a proximite du|chez|pres|face|cote|a cote|proche',
)
/** Words before a place that add nothing to it. */
export const INSIDE: readonly string[] = phrases(
  'au prejudice d|au prejudice d un|au prejudice d une|au prejudice du|au prejudice de la|au prejudice de l|au prejudice de|au|aux|a la|a l|a|ds|ds un|ds une|ds le|ds la|dans|dans un|dans une|dans le|dans la|dans l|dans les|sous|sous le|sous la|sous les|sous l|sur|sur le|sur la|sur un|d un|d une|du|de la|de l|un|une|le|la|l|les',
)

/** Phrases that name a category, by the code of the ready-made categories. */
export const CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  'armed-robbery': phrases(
    'vma|v m a|vamf|vol a main armee|vols a main armee|vol main armee|vol avec arme|vol arme|braquage|braquages|braque|braquent|braquee|braques|braq|brak|hold up|holdup|braco|attaque a main armee|vaa',
  ),
  'counterfeit-notes': phrases(
    'fb|faux billets|faux billet|fx billets|fx billet|fo billets|fo billet|fausse monnaie|fausses coupures|fausse coupure|faux euros|fausse piece|fausses pieces|billets contrefaits|contrefacon',
  ),
  'trick-theft': phrases(
    'vpr|v p r|vol par ruse|vols par ruse|vol avec ruse|vol ruse|vol a la ruse|ruse|vol a la fausse qualite|vol fausse qualite|fausse qualite|vol au rendez moi|rendez moi|vol a la tire|vols a la tire|voleur a la tire|voleurs a la tire|vol a la carte',
  ),
  'group-theft': phrases(
    'ver|v e r|vr|vol en reunion|vols en reunion|vol reunion|vol en bande|vol en bande organisee|vol bande|vol bande organisee|vol a plusieurs|vol en groupe',
  ),
  'stolen-cheques': phrases(
    'cheques voles|cheque vole|chequier vole|chequiers voles|chq voles|chq vole|cheques ou cartes voles|carte volee|cartes volees|carte bancaire volee|cartes bancaires volees|cartes bleues volees|carte bleue volee|cb volee|cb volees|vol de cheques|vol de chequier|vol cheques|vol de carte bancaire|vol carte bancaire|vol cartes bancaires|vol de carte bleue|vol carte bleue|vol chequier|vol de cb|vol cb',
  ),
  fraud: phrases('escroquerie|escroqueries|escro|escroc|arnaque|arnaques|abus de confiance|fraude'),
  burglary: phrases(
    'camb|cambr|cambrio|cambriolage|cambriolages|cambrioles|cambriole|vol avec effraction|vol par effraction|vol effraction|casse belier|vol belier|voiture belier',
  ),
  assault: phrases(
    'agr|agress|agression|agressions|agresse|agressee|menace|menaces|violence|violences|voies de fait|coups et blessures|cbv|vol avec violences|vol avec violence|vol violence|vav',
  ),
  damage: phrases('deg|degr|degrad|degrads|degradation|degradations|vandalisme|dgt'),
  'fuel-theft': phrases(
    'vol de carburant|vol carburant|vols de carburant|vol de gazole|vol gazole|vol de gasoil|vol gasoil|vol d essence|vol essence|vol de fioul|vol fioul|vol de fuel|vol de gnr|vol gnr|siphonnage|siphonage|siphonnages',
  ),
  'goods-theft': phrases(
    'vol de fret|vol fret|vol de materiaux|vol materiaux|vol de cuivre|vol cuivre|vol de cables|vol de marchandises|vol de materiel|vol materiel|vol chantier|vol sur chantier',
  ),
  'farm-equipment-theft': phrases(
    'vol de materiel agricole|vol materiel agricole|vol agricole|vol de tracteur|vol tracteur|vol de gps|vol gps|vol de quad|vol quad',
  ),
  'livestock-theft': phrases(
    'vol d animaux|vol animaux|vol de betail|vol betail|vol de moutons|vol moutons|vol de brebis|vol brebis|vol de bovins|vol bovins|vol de vaches|vol de chevaux|vol cheval|vol d agneaux',
  ),
  'crop-fire': phrases(
    'incendie volontaire|incendie|feu de recolte|feu de paille|feu de hangar|feu volontaire',
  ),
  prevention: phrases('prevention|prev|message de prevention|info prevention'),
}

/** Phrases that suggest a category and are facts as well. */
export const SUGGESTIONS: Readonly<Record<string, readonly string[]>> = {
  'trick-theft': phrases(
    'faux policier|faux policiers|faux gendarme|faux gendarmes|faux agent|faux agents|faux plombier|faux employe|faux releveur|faux livreur|faux demarcheur|faux demarcheurs|faux pompier|faux pompiers|faux technicien|faux techniciens|faux facteur|pickpocket|pickpockets',
  ),
  burglary: phrases('effraction|porte fracturee|porte forcee|rideau force'),
  damage: phrases(
    'vitrine brisee|vitrines brisees|vitrine cassee|vitrines cassees|vitre brisee|vitre cassee|tag|tags|graffiti|graffitis|abribus',
  ),
  'armed-robbery': phrases(
    'arme de poing|arme longue|coup de feu|coups de feu|homme arme|hommes armes|individu arme|individus armes',
  ),
  'group-theft': phrases('bande organisee|vol a l etalage|vol etalage|vols a l etalage'),
  fraud: phrases(
    'faux cheque|faux cheques|faux chq|cheque falsifie|cheques falsifies|cheque en bois|cheques en bois|faux virement|faux virements|faux rib|faux conseiller|faux conseillers|faux fournisseur|faux fournisseurs',
  ),
  assault: phrases('racket|extorsion|bagarre|menacant'),
}

/** Words that name the direction of a flight: "vers", "direction", and "sur" or "à" after a word of flight. */
export const DIRECTION =
  /(?:^| )((?:(?:en|dans la) )?(?:direction|dir|direct|dirct)(?: (?:de la|de|du|des|d|la|le|les))?|vers(?: (?:la|le|les|l))?|sens|destination|(?<=(?:^| )(?:re)?(?:parti|partis|partie|parties|part|partent|fuite|fuyant|fuient|enfui|enfuis|file|files|filent|roule|roulent) )(?:sur|a|au|aux|pour)(?: (?:la|le|les|l))?)$/
