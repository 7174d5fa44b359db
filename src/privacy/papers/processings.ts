import { DRAFT_DAYS } from '../../enrolment/rules.ts'
import { UPLOAD_HOURS } from '../../imports/uploads/contract.ts'
import { SESSION_DAYS } from '../../portal/session/session.ts'
import type { PrivacyFacts } from '../retention/contract.ts'
import { periodText } from '../retention/period.ts'

/** One processing of the register, in words (CNIL, model of the register). */
export interface Processing {
  readonly name: string
  readonly purpose: string
  readonly basis: string
  /** Categories of people whose data it uses. */
  readonly people: string
  readonly data: string
  readonly recipients: string
  readonly kept: string
}

/** Names the forces that send alerts, in words. */
export function forcesOf(facts: Pick<PrivacyFacts, 'forces'>): string {
  return facts.forces.length === 0 ? 'les forces de l’ordre' : facts.forces.join(', ')
}

/**
 * Lists the processings of a scheme, in French, from its settings. Two regimes apply: the GDPR to the list of members, directive (EU)
 * 2016/680 to incidents and decisions.
 */
export function listProcessings(facts: PrivacyFacts): readonly Processing[] {
  const { chamber } = facts
  const forces = forcesOf(facts)
  const { days } = facts
  const period = (count: number) => periodText('fr', count)
  return [
    ...listProcessingsOfMembers(facts),
    {
      name: 'Envoi des SMS',
      people: 'contacts des adhérents',
      purpose: 'remettre les alertes et prouver leur remise',
      basis: 'charte signée (art. 6.1.b)',
      data: 'numéro, commune, métier, état de remise, heure, passerelle',
      recipients: 'le prestataire SMS, sous-traitant (art. 28)',
      kept: `${period(days.deliveries)} après la diffusion, puis des décomptes sans personne`,
    },
    {
      name: 'Signalements et décisions',
      people: 'appelants, victimes, personnes visées par un fait',
      purpose: 'juger un appel au 17 et en rendre compte',
      basis: 'mission d’intérêt public ; directive (UE) 2016/680, titre III de la loi du 6 janvier 1978',
      data: 'catégorie, commune, heure, faits en mots, appelant, décision, auteur, accord du parquet',
      recipients: `${forces}, parquet ; jamais la chambre pour un texte de niveau 3 ni pour l’identité de l’appelant`,
      kept: `${period(days.reports)} après l’appel, appelant et lieu compris, même quand l’adhérent est effacé : la chambre n’y a pas accès`,
    },
    {
      name: 'Astreintes et magistrats',
      people: 'agents, magistrats',
      purpose:
        'joindre la deuxième personne d’une alerte et le magistrat dont l’accord est demandé ou consigné',
      basis: 'mission d’intérêt public (art. 6.1.e)',
      data: 'nom, service, mobile, courriel, heures d’astreinte, absences ; appels faits et leur heure',
      recipients: `chefs de service, ${chamber} ; les coordonnées d’un magistrat ne se montrent pas à qui consigne son accord ; prestataires SMS et courriel, sous-traitants (art. 28)`,
      kept: `tant que la personne est de la liste ; ses coordonnées jusqu’à ${period(days.on_call)} après son retrait ; son nom, tant qu’une autorisation le cite`,
    },
    {
      name: 'Comptes et traces',
      people: 'agents de la chambre et des forces de l’ordre',
      purpose: 'savoir qui a fait quoi, et qui a ouvert la fiche d’un adhérent',
      basis: 'obligation de sécurité (art. 32)',
      data: 'nom, service, droits, actes ; consultations des fiches',
      recipients: `${chamber}, chefs de service`,
      kept: `consultations : ${period(days.look)} ; journal d’audit : sans données des adhérents, gardé ; motifs et noms à côté : ${period(days.reason)} ; réseau d’où l’on a agi (adresse tronquée) : ${period(days.network)}`,
    },
    ...(facts.dues
      ? [
          {
            name: 'Cotisations',
            people: 'commerces adhérents, payeurs',
            purpose: 'appeler, encaisser et comptabiliser les cotisations',
            basis: 'contrat et obligation comptable (art. 6.1.b et c ; C. com. L123-22)',
            data: `commerce, montants, paiements (moyen, date, référence ; pour un chèque, sa banque et qui l’a signé), reçus, appels et relances ; donneur d’ordre et libellé des virements reçus${
              facts.debit ? ' ; titulaire, IBAN, mandat SEPA et sa signature, prélèvements et rejets' : ''
            }${facts.card ? ' ; référence du paiement par carte, jamais le numéro de la carte' : ''}`,
            recipients: [
              `${chamber}, son comptable`,
              ...(facts.debit
                ? [
                    'sa banque et celle du commerce (titulaire, IBAN, mandat, montant et date de chaque prélèvement)',
                  ]
                : ['sa banque']),
              ...(facts.card
                ? ['Stripe, prestataire de paiement (numéro de carte, montant, référence du commerce)']
                : []),
            ].join(' ; '),
            kept: `écritures, paiements et reçus : dix ans après la clôture de l’exercice, puis des montants sans personne ; appels et relances : ${period(days.notice)}, ou jusqu’au règlement de leur année ; relevés de banque, ce qui y est écrit d’un virement : ${period(days.statement)}${
              facts.debit
                ? ` ; IBAN, mandats et fichiers de prélèvement : ${period(days.mandate)} après le dernier prélèvement`
                : ''
            }`,
          },
        ]
      : []),
    {
      name: 'Messages de service',
      people: 'contacts des adhérents',
      purpose: 'écrire à un groupe d’adhérents, ou à l’un d’eux, sur la vie du dispositif',
      basis: 'charte signée (art. 6.1.b)',
      data: 'texte, groupe visé, auteur, numéro ou adresse électronique, état de remise',
      recipients: `${chamber}, chambres de métier pour leurs métiers, chefs de service ; prestataires SMS et courriel, sous-traitants (art. 28)`,
      kept: `${period(days.messages)} ; sans son texte, une fois remis, s’il nomme un adhérent effacé`,
    },
    {
      name: 'Demandes sur les données',
      people: 'personnes qui exercent un droit',
      purpose: 'répondre aux demandes d’accès, de rectification, d’effacement et d’opposition, et le prouver',
      basis: 'obligation légale (art. 6.1.c ; art. 12 à 21)',
      data: 'nom de qui demande, commerce, demande, dates, réponse ; sans nom ni réponse après un effacement',
      recipients: chamber,
      kept: `${period(days.request)} après la réponse`,
    },
    ...(facts.reconfirmation
      ? [
          {
            name: 'Confirmation annuelle des numéros',
            people: 'contacts des adhérents',
            purpose: 'n’écrire qu’à des numéros encore justes',
            basis: 'exactitude des données (art. 5.1.d)',
            data: 'numéro, date de la demande, réponse',
            recipients: chamber,
            kept: 'jusqu’à la demande suivante',
          },
        ]
      : []),
  ]
}

/** Lists what is done with the data of members: the list, requests to join, sign-ins to the portal. */
function listProcessingsOfMembers(facts: PrivacyFacts): readonly Processing[] {
  const { chamber, days } = facts
  const forces = forcesOf(facts)
  const period = (count: number) => periodText('fr', count)
  return [
    {
      name: 'Liste des adhérents',
      people: 'commerces adhérents et leurs contacts',
      purpose: 'prévenir par SMS les commerces adhérents d’un fait de délinquance proche',
      basis:
        'charte signée par le commerce, sur le portail ou sur papier (contrat, art. 6.1.b) ; pour un commerce que la chambre inscrit sans charte signée : intérêt légitime (art. 6.1.f), à confirmer par le délégué à la protection des données',
      data: 'enseigne, SIRET, code d’activité (NAF), métier, adresse, code postal, date d’adhésion ; nom, mobile et courriel des contacts ; plages de calme ; preuve de signature de la charte, ou jour de sa signature sur papier ; notes et étiquettes de la chambre ; corrections que l’adhérent demande, et le motif d’un refus ; modifications de la fiche, avec les valeurs d’avant ; listes déposées pour un import ; groupes et recherches enregistrés',
      recipients: `${chamber}, chambres de métier pour leurs métiers, ${forces} (numéros masqués, sans les notes ni les étiquettes)`,
      kept: `tant que le commerce adhère, puis ${period(days.member)} ; une liste déposée : ${period(UPLOAD_HOURS / 24)} après son dernier usage`,
    },
    {
      name: 'Demandes d’adhésion',
      people: 'commerces qui demandent à adhérer et leurs contacts',
      purpose: 'recevoir une demande, vérifier le commerce et y répondre',
      basis: 'mesures précontractuelles (art. 6.1.b)',
      data: 'enseigne, SIRET, code d’activité (NAF), métier, adresse ; nom, mobile et courriel de qui demande ; charte signée ; décision, motif du refus',
      recipients: `${chamber}, chambres de métier pour leurs métiers`,
      kept: `acceptée : comme la fiche ; refusée : ${period(days.refused)} après la décision ; inachevée : ${period(DRAFT_DAYS)}`,
    },
    {
      name: 'Portail des adhérents',
      people: 'contacts des adhérents',
      purpose: 'ouvrir le portail au contact d’un commerce, et lui montrer ses appareils connectés',
      basis: 'charte signée (art. 6.1.b) ; obligation de sécurité (art. 32)',
      data: 'numéro ou courriel, appareil (ce que le navigateur dit de lui-même), réseau (adresse tronquée), dates de connexion, clés d’accès et leur nom, langue',
      recipients: 'le contact lui-même',
      kept: `une connexion : ${period(SESSION_DAYS)} sans usage, ${period(days.session)} au plus ; une clé d’accès : jusqu’à son retrait ou au départ du contact`,
    },
  ]
}
