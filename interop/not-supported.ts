/** Thrown by a case: the broker, as it is or as it is set up, does not do this. */
export class NotSupported extends Error {}
