const wordsOf = (text: string): ReadonlySet<string> => new Set(text.split(' '))

/** Legal forms, as `searchName` writes them, that the name of a business may have or not. */
export const LEGAL_FORMS = wordsOf(
  'sarl sas sasu sa eurl ei eirl sci scp selarl snc scop earl gaec ets etablissement etablissements societe',
)

/** Words that link others in a name, as `searchName` writes them. */
export const LINK_WORDS = wordsOf('le la les l de du des d et en a au aux')
