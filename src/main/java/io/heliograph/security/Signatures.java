package io.heliograph.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Set;

/**
 * Verifies asymmetric signatures. Each algorithm accepts one kind of key, so that a public key is
 * never used as a secret.
 */
final class Signatures {

  static final Set<String> ALGORITHMS = Set.of("RS256", "PS256", "ES256", "ES384", "EdDSA");

  /** The fixed DER around the 32 bytes of an Ed25519 key (RFC 8410). */
  private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  private Signatures() {}

  static boolean verify(StrictJwt jwt, JWK key) {
    String algorithm = jwt.algorithm();
    boolean forOther =
        (key.getKeyUse() != null && !KeyUse.SIGNATURE.equals(key.getKeyUse()))
            || (key.getAlgorithm() != null && !key.getAlgorithm().getName().equals(algorithm));
    if (forOther) {
      return false;
    }
    try {
      return switch (key) {
        case RSAKey rsa when algorithm.equals("RS256") || algorithm.equals("PS256") ->
            rsa.toRSAPublicKey().getModulus().bitLength() >= 2048
                && verify(jwt, new RSASSAVerifier(rsa.toRSAPublicKey()));
        case ECKey ec when algorithm.startsWith("ES") ->
            verify(jwt, new ECDSAVerifier(ec.toECPublicKey()));
        case OctetKeyPair ed
            when algorithm.equals("EdDSA") && ed.getCurve().getName().equals("Ed25519") ->
            ed25519(jwt, ed);
        default -> false;
      };
    } catch (JOSEException | GeneralSecurityException e) {
      return false; // The key does not fit the signature.
    }
  }

  private static boolean verify(StrictJwt jwt, JWSVerifier verifier) throws JOSEException {
    JWSHeader header = new JWSHeader(JWSAlgorithm.parse(jwt.algorithm()));
    return verifier.verify(header, jwt.signingInput(), jwt.signature());
  }

  /** With the JDK, because the library needs another dependency for this curve. */
  private static boolean ed25519(StrictJwt jwt, OctetKeyPair key) throws GeneralSecurityException {
    byte[] x = key.getDecodedX();
    byte[] der = new byte[ED25519_PREFIX.length + x.length];
    System.arraycopy(ED25519_PREFIX, 0, der, 0, ED25519_PREFIX.length);
    System.arraycopy(x, 0, der, ED25519_PREFIX.length, x.length);
    Signature signature = Signature.getInstance("Ed25519");
    signature.initVerify(
        KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der)));
    signature.update(jwt.signingInput());
    return signature.verify(jwt.signature().decode());
  }
}
