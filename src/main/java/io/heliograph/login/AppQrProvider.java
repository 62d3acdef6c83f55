package io.heliograph.login;

/**
 * The provider for the site's own app or any phone camera: its QR code holds the address of the
 * confirm page.
 */
public final class AppQrProvider implements QrProvider {

  public static final String ID = "app";

  @Override
  public String id() {
    return ID;
  }

  @Override
  public QrContent prepare(QrOrder order) {
    return new QrContent(order.base() + "/l/" + order.ticket(), null);
  }
}
