/**
 * The `system_id` in the simulator's response to a bind (SMPP 3.4 section 4.1.2). A simulated gateway sends
 * nothing to a centre with another one, which may have real phones behind it.
 */
export const SIMULATOR_SYSTEM_ID = 'TOCSIN-SIM'
