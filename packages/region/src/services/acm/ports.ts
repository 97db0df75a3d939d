/** ARNs of the resources that use a certificate: the region's load balancers. */
export type CertificateUses = (certificateArn: string) => readonly string[];
