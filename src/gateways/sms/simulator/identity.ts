/**
 * The `system_id` by which the simulator answers a bind (SMPP 3.4 section 4.1.2). A simulated gateway sends nothing to a centre that
 * answers by another one: it may have real phones behind it.
 */
export const SIMULATOR_SYSTEM_ID = 'TOCSIN-SIM'
