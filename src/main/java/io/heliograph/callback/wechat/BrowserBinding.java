package io.heliograph.callback.wechat;

/**
 * Says which browser a ticket belongs to; what the website login has to know before it sends a
 * browser away.
 */
@FunctionalInterface
public interface BrowserBinding {

  /**
   * Whether the ticket waits for a phone, is for {@code wechat-open}, and was made for the browser
   * with this cookie. One answer for all that is not so.
   *
   * @param cookie the value of {@code __Host-qrb}
   */
  boolean belongs(String ticket, String cookie);
}
