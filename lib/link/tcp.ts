/** The plain TCP link: `mqtt://`. */
export { connector as tcp } from "#platform/net";
