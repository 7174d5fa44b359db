export { FollowUpForm } from './FollowUpForm.tsx'
export { OutcomeForm } from './OutcomeForm.tsx'
