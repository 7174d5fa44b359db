/** Meaning of a `command_status` (SMPP 3.4 table 5-2). */
export interface StatusMeaning {
  readonly name: string
  /** True when the same provider will refuse the same submission again. */
  readonly permanent: boolean
  /** True for a request to slow down and submit again, which is not a refusal. */
  readonly throttle: boolean
  /** Explanation for an operator. */
  readonly text: { readonly fr: string; readonly en: string }
}

type Flag = '' | 'permanent' | 'throttle'

const TABLE: readonly (readonly [code: number, name: string, flag: Flag, fr: string, en: string])[] = [
  [0x00, 'ESME_ROK', '', 'accepté', 'accepted'],
  [0x01, 'ESME_RINVMSGLEN', 'permanent', 'longueur du message invalide', 'invalid message length'],
  [0x02, 'ESME_RINVCMDLEN', 'permanent', 'longueur de commande invalide', 'invalid command length'],
  [0x03, 'ESME_RINVCMDID', 'permanent', 'commande inconnue du fournisseur', 'invalid command'],
  [0x04, 'ESME_RINVBNDSTS', '', 'commande impossible dans cet état du lien', 'incorrect bind status'],
  [0x05, 'ESME_RALYBND', '', 'compte déjà connecté', 'already bound'],
  [0x06, 'ESME_RINVPRTFLG', 'permanent', 'priorité invalide', 'invalid priority flag'],
  [0x07, 'ESME_RINVREGDLVFLG', 'permanent', 'demande d’accusé invalide', 'invalid registered delivery flag'],
  [0x08, 'ESME_RSYSERR', '', 'erreur interne du fournisseur', 'system error'],
  [0x0a, 'ESME_RINVSRCADR', 'permanent', 'émetteur refusé', 'invalid source address'],
  [0x0b, 'ESME_RINVDSTADR', 'permanent', 'numéro de destinataire refusé', 'invalid destination address'],
  [0x0c, 'ESME_RINVMSGID', 'permanent', 'identifiant de message inconnu', 'invalid message id'],
  [0x0d, 'ESME_RBINDFAIL', '', 'connexion refusée par le fournisseur', 'bind failed'],
  [0x0e, 'ESME_RINVPASWD', '', 'mot de passe refusé', 'invalid password'],
  [0x0f, 'ESME_RINVSYSID', '', 'identifiant de compte refusé', 'invalid system id'],
  [0x11, 'ESME_RCANCELFAIL', 'permanent', 'annulation refusée', 'cancel failed'],
  [0x13, 'ESME_RREPLACEFAIL', 'permanent', 'remplacement refusé', 'replace failed'],
  [0x14, 'ESME_RMSGQFUL', 'throttle', 'file du fournisseur pleine', 'message queue full'],
  [0x15, 'ESME_RINVSERTYP', 'permanent', 'type de service invalide', 'invalid service type'],
  [
    0x33,
    'ESME_RINVNUMDESTS',
    'permanent',
    'nombre de destinataires invalide',
    'invalid number of destinations',
  ],
  [0x34, 'ESME_RINVDLNAME', 'permanent', 'liste de diffusion inconnue', 'invalid distribution list name'],
  [0x40, 'ESME_RINVDESTFLAG', 'permanent', 'type de destinataire invalide', 'invalid destination flag'],
  [0x42, 'ESME_RINVSUBREP', 'permanent', 'remplacement à l’envoi invalide', 'invalid submit with replace'],
  [0x43, 'ESME_RINVESMCLASS', 'permanent', 'classe de message invalide', 'invalid esm_class'],
  [0x44, 'ESME_RCNTSUBDL', 'permanent', 'envoi à une liste impossible', 'cannot submit to distribution list'],
  [0x45, 'ESME_RSUBMITFAIL', '', 'envoi refusé par le fournisseur', 'submit failed'],
  [0x48, 'ESME_RINVSRCTON', 'permanent', 'type d’émetteur invalide', 'invalid source TON'],
  [0x49, 'ESME_RINVSRCNPI', 'permanent', 'plan de l’émetteur invalide', 'invalid source NPI'],
  [0x50, 'ESME_RINVDSTTON', 'permanent', 'type du destinataire invalide', 'invalid destination TON'],
  [0x51, 'ESME_RINVDSTNPI', 'permanent', 'plan du destinataire invalide', 'invalid destination NPI'],
  [0x53, 'ESME_RINVSYSTYP', '', 'type de compte refusé', 'invalid system type'],
  [0x54, 'ESME_RINVREPFLAG', 'permanent', 'option de remplacement invalide', 'invalid replace flag'],
  [0x55, 'ESME_RINVNUMMSGS', 'permanent', 'nombre de messages invalide', 'invalid number of messages'],
  [0x58, 'ESME_RTHROTTLED', 'throttle', 'débit autorisé dépassé', 'throttled'],
  [0x61, 'ESME_RINVSCHED', 'permanent', 'heure d’envoi invalide', 'invalid scheduled time'],
  [0x62, 'ESME_RINVEXPIRY', 'permanent', 'durée de validité invalide', 'invalid validity period'],
  [0x63, 'ESME_RINVDFTMSGID', 'permanent', 'message prédéfini inconnu', 'invalid predefined message'],
  [0x64, 'ESME_RX_T_APPN', '', 'refus temporaire du receveur', 'temporary receiver error'],
  [0x65, 'ESME_RX_P_APPN', 'permanent', 'refus permanent du receveur', 'permanent receiver error'],
  [0x66, 'ESME_RX_R_APPN', 'permanent', 'message rejeté par le receveur', 'rejected by receiver'],
  [0x67, 'ESME_RQUERYFAIL', '', 'interrogation refusée', 'query failed'],
  [0xc0, 'ESME_RINVOPTPARSTREAM', 'permanent', 'options illisibles', 'invalid optional part'],
  [0xc1, 'ESME_ROPTPARNOTALLWD', 'permanent', 'option non permise', 'optional parameter not allowed'],
  [0xc2, 'ESME_RINVPARLEN', 'permanent', 'longueur d’option invalide', 'invalid parameter length'],
  [0xc3, 'ESME_RMISSINGOPTPARAM', 'permanent', 'option manquante', 'missing optional parameter'],
  [0xc4, 'ESME_RINVOPTPARAMVAL', 'permanent', 'valeur d’option invalide', 'invalid optional parameter value'],
  [0xfe, 'ESME_RDELIVERYFAILURE', '', 'remise impossible', 'delivery failure'],
  [0xff, 'ESME_RUNKNOWNERR', '', 'erreur inconnue du fournisseur', 'unknown error'],
]

const MEANINGS: ReadonlyMap<number, StatusMeaning> = new Map(
  TABLE.map(([code, name, flag, fr, en]) => [
    code,
    { name, permanent: flag === 'permanent', throttle: flag === 'throttle', text: { fr, en } },
  ]),
)

const CODES: ReadonlyMap<string, number> = new Map(TABLE.map(([code, name]) => [name, code]))

/**
 * Explains a status. One that the standard does not list (0x400 to 0x4FF belong to providers) counts as temporary:
 * another attempt or another route may succeed.
 */
export function explainStatus(code: number): StatusMeaning {
  const known = MEANINGS.get(code)
  if (known !== undefined) return known
  const hex = `0x${code.toString(16).toUpperCase().padStart(8, '0')}`
  return {
    name: hex,
    permanent: false,
    throttle: false,
    text: { fr: `code ${hex} propre au fournisseur`, en: `provider's own code ${hex}` },
  }
}

/** Returns the code of a name of table 5-2. @throws RangeError for an unknown name. */
export function statusCode(name: string): number {
  const code = CODES.get(name)
  if (code === undefined) throw new RangeError(`${name} is not an SMPP 3.4 status`)
  return code
}
