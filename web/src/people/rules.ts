/** The version of the court's rules whose text this page carries. A procedure names the one that must be declared. */
export const rulesVersion = 1;
