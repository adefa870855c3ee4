export { Jwks, Receipt } from '../../receipts/schema.ts';
