import type { PaperFacts } from './facts.ts'

/** Lists the security measures that the program takes under the current settings, in French. */
export function measuresOf({ isEncrypted, identityProvider, sessionHours }: PaperFacts): readonly string[] {
  return [
    'Accès par compte et par droit, refusé par défaut ; données cloisonnées par dispositif dans la base.',
    identityProvider === null
      ? `Connexion par mot de passe et code, ou par clé d’accès ; session d’au plus ${sessionHours} heures.`
      : `Connexion par ${identityProvider}, par mot de passe et code ou par clé d’accès ; session d’au plus ${sessionHours} heures.`,
    'Numéros masqués pour qui n’en a pas besoin ; chaque consultation d’une fiche est inscrite.',
    isEncrypted
      ? 'Numéros, appelants, textes de niveau 3 et comptes bancaires chiffrés dans la base ; clés hors de la base et des sauvegardes.'
      : 'Base non chiffrée par le programme : à décider (TOCSIN_KEYS_FILE), ou chiffrer le disque.',
    'Codes et jetons conservés sous forme d’empreintes ; aucun texte ni numéro dans les journaux techniques.',
    'Journal d’audit chaîné et signé, dont toute altération se voit.',
    'Deux personnes pour les réglages qui engagent et pour les alertes que la doctrine dit.',
    'Effacement chaque heure de ce qui a fait son temps, inscrit au journal d’audit avec le nombre et la date limite.',
    'Reprise après une panne sans perte ni doublon caché ; sauvegardes et restauration décrites dans le guide d’installation.',
  ]
}
