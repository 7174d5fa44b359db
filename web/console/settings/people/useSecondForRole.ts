import { useQuery } from '@tanstack/react-query'
import { subjectOfRole } from '../../../../src/settings/rules.ts'
import { type RoleName, useCurrent } from '../../shell/current.tsx'
import { settingChangesQuery } from '../changes/queries.ts'

/** Returns whether another person puts a role in force, and whether the user says why they give it. */
export function useSecondForRole(schemeId: string, role: RoleName) {
  const { may } = useCurrent()
  const subject = may('setting_change.read') ? subjectOfRole(role) : undefined
  const changes = useQuery({ ...settingChangesQuery(schemeId), enabled: subject !== undefined }).data
  const rule = changes?.rules.find((one) => one.subject === subject)
  return {
    subject,
    isNeeded: subject !== undefined && rule?.first !== true,
    /** Whether it waits: for another person, or for the cooling time. */
    waits: subject !== undefined && rule?.first !== true && (rule?.others.length !== 0 || rule.cools),
  }
}
