/**
 * Parts into which the build cuts the message files, by the keys of each. Screens of the console load `room` and the
 * rest, which is every text that is not in `room`; public pages load `public` only, and the portal `portal` only.
 */
export const TEXT_PARTS = {
  /** Texts that the alert room shows before its first action. */
  room: /^(?!doctrine\.(?:described|stop)\.|onCall\.unanswered\.(?:title|what|reason)$|map\.(?:delivered|fingers|hint\.paint|legend\.(?:delivered|sector)|paint)|attention\.(?:on|sound|desktop|try)\b)(action|area|attention|audience|broken|claim|clock|date|doctrine|error|exercise|figure|forbidden|key|line|map|missing|nav|near|note|onCall|progress|recent|remarks|role|room|route|saved|scheme|shell|solicitation)\./,
  /** The start page, the public pages of a scheme with joining it, and the public check of an SMS. */
  public:
    /^((action|broken|contact|door|error|exercise|figures\.public|forbidden|join|notFound|passkeys|provider|scheme|signIn|start|status|verify)\.|accessibility\.link$|figures\.(alerts|delivered|public)$|map\.|members\.commune\.type$|nav\.home$|portal\.call$|privacy\.(back|title)$|room\.where\.none$|shell\.(demo|loading))/,
  /** The portal of members: a fifteenth of the texts of the console. */
  portal:
    /^((action|broken|contact|error|message|notFound|passkeys|portal|scheme|sessions)\.|accessibility\.link$|by\.(automatic|member)$|care\.|confirm\.back$|date\.|doubt\.nothing$|dues\.(balance|cancel|credit|invoice|payments|receipt|refund|state|way|year)|join\.(address|charter|code|commune|mail|name|person|step\.code|trade)|mails\.title$|members\.commune\.|nav\.(home|phones)$|privacy\.title$|room\.where\.|shell\.(demo|loading|skip)|status\.title$|wall\.open$)/,
  /** Pages that a link in an SMS or a mail opens, beside the texts of `public`. */
  links:
    /^((confirmation|demoCard|invitation|number|role)\.|authorisation\.(decline|give\.confirm$|scope\.whole$))/,
  /** The form that opens the break-glass account, beside the texts of `public`. */
  breakGlass:
    /^breakGlass\.((first|second|done|loud|name|signedIn|title)$|open\.|(code|drill|what|why)($|\.))/,
  /** The long public texts: the privacy notice and the accessibility statement. */
  notices: /^(accessibility|privacy)\./,
} as const

export type TextPart = keyof typeof TEXT_PARTS | 'rest'

/** Returns whether a text is in a part. */
export function isInPart(part: TextPart, key: string): boolean {
  return part === 'rest' ? !TEXT_PARTS.room.test(key) : TEXT_PARTS[part].test(key)
}
