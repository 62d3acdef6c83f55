package io.heliograph.server;

import io.heliograph.web.ClientAddress;
import io.heliograph.web.Origin;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Sets the address, scheme and host of a request to those of the client, as the trusted proxies
 * report them. Replaces Jetty's own customizer, which trusts the leftmost address (the caller can
 * forge it), resolves names, and fails on malformed addresses.
 *
 * <p>Each proxy appends the address of its peer, so with n trusted proxies the n-th entry from the
 * right is the last one that a caller cannot forge. Where that entry is not an address, the next
 * one to its right is used, and finally the address of the connection. Scheme, host and port are
 * read at the same position of their lists, or from the left of a shorter list, because most
 * proxies replace them instead of appending.
 *
 * <p>Reads {@code X-Forwarded-*}, and {@code Forwarded} (RFC 7239) only in their absence: most
 * proxies write the former and pass a caller's {@code Forwarded} on.
 */
final class TrustedProxies implements HttpConfiguration.Customizer {

  private static final Pattern FORWARDED_PARAMETER =
      Pattern.compile("\\s*([A-Za-z]+)=(?:\"([^\"\\\\]*)\"|([^\\s\";,]*))\\s*([;,]|$)");

  private static final Pattern PORT_AT_END = Pattern.compile(".*:\\d+");

  private final int count;

  /**
   * @param count how many trusted proxies each request passes; 1 or more
   */
  TrustedProxies(int count) {
    this.count = count;
  }

  /** The values of the headers, in the order of the hops. */
  private record Report(
      List<String> addresses, List<String> schemes, List<String> hosts, List<String> ports) {

    static Report of(HttpFields headers) {
      Report report =
          new Report(
              headers.getCSV("X-Forwarded-For", false),
              headers.getCSV("X-Forwarded-Proto", false),
              headers.getCSV("X-Forwarded-Host", false),
              headers.getCSV("X-Forwarded-Port", false));
      return report.isEmpty() ? ofForwarded(headers.getValuesList(HttpHeader.FORWARDED)) : report;
    }

    private static Report ofForwarded(List<String> values) {
      Report report =
          new Report(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), List.of());
      String address = "";
      Matcher parameter = FORWARDED_PARAMETER.matcher(String.join(",", values));
      while (parameter.lookingAt()) {
        String value = parameter.group(2) == null ? parameter.group(3) : parameter.group(2);
        switch (parameter.group(1).toLowerCase(Locale.ROOT)) {
          case "for" -> address = value;
          case "proto" -> report.schemes.add(value);
          case "host" -> report.hosts.add(value);
          default -> {}
        }
        if (!parameter.group(4).equals(";")) {
          report.addresses.add(address); // a hop without one keeps its place
          address = "";
        }
        parameter.region(parameter.end(), parameter.regionEnd());
      }
      // A malformed header gives no information about any hop.
      return parameter.regionStart() == parameter.regionEnd() ? report : Report.NONE;
    }

    private static final Report NONE = new Report(List.of(), List.of(), List.of(), List.of());

    boolean isEmpty() {
      return addresses.isEmpty() && schemes.isEmpty() && hosts.isEmpty() && ports.isEmpty();
    }
  }

  @Override
  public Request customize(Request request, HttpFields.Mutable responseHeaders) {
    Report report = Report.of(request.getHeaders());
    return report.isEmpty()
        ? request
        : new ReportedRequest(request, client(report.addresses), own(request.getHttpURI(), report));
  }

  /** The client's address; null: that of the connection. */
  private @Nullable ClientAddress client(List<String> hops) {
    for (int i = Math.max(0, hops.size() - count); i < hops.size(); i++) {
      ClientAddress address = ClientAddress.parse(hops.get(i));
      if (address != null) {
        return address;
      }
    }
    return null;
  }

  /** The client's origin; null: that of the request itself. */
  private @Nullable Origin own(HttpURI uri, Report report) {
    String authority = reported(report.hosts);
    if (authority == null || Origin.parse("http://" + authority) == null) {
      authority = uri.getAuthority();
    }
    String scheme = reported(report.schemes);
    if (scheme == null || Origin.parse(scheme + "://host") == null) {
      scheme = uri.getScheme();
    }
    Origin own = Origin.parse(scheme + "://" + authority);
    String port = reported(report.ports);
    if (own == null || port == null || PORT_AT_END.matcher(authority).matches()) {
      return own;
    }
    // A port that belongs to the other scheme is that of a hop behind the proxy that terminated
    // TLS.
    boolean contradicts = port.equals(own.scheme().equals("https") ? "80" : "443");
    Origin withPort = contradicts ? null : Origin.parse(scheme + "://" + authority + ':' + port);
    return withPort == null ? own : withPort;
  }

  private @Nullable String reported(List<String> hops) {
    return hops.isEmpty() ? null : hops.get(Math.max(0, hops.size() - count));
  }

  private static final class ReportedRequest extends Request.Wrapper {

    private final ConnectionMetaData connection;
    private final HttpURI uri;
    private final HttpFields headers;

    ReportedRequest(Request request, @Nullable ClientAddress client, @Nullable Origin own) {
      super(request);
      connection = new ReportedConnection(request.getConnectionMetaData(), client, own);
      if (own == null) {
        uri = request.getHttpURI();
        headers = request.getHeaders();
      } else {
        uri =
            HttpURI.build(request.getHttpURI())
                .scheme(own.scheme())
                .authority(own.authority())
                .asImmutable();
        headers =
            own.authority().equals(request.getHeaders().get(HttpHeader.HOST))
                ? request.getHeaders()
                : HttpFields.build(request.getHeaders()).put(HttpHeader.HOST, own.authority());
      }
    }

    @Override
    public ConnectionMetaData getConnectionMetaData() {
      return connection;
    }

    @Override
    public HttpURI getHttpURI() {
      return uri;
    }

    @Override
    public HttpFields getHeaders() {
      return headers;
    }
  }

  private static final class ReportedConnection extends ConnectionMetaData.Wrapper {

    private final SocketAddress remote;
    private final boolean secure;

    ReportedConnection(
        ConnectionMetaData connection, @Nullable ClientAddress client, @Nullable Origin own) {
      super(connection);
      SocketAddress peer = connection.getRemoteSocketAddress();
      int port = peer instanceof InetSocketAddress inet ? inet.getPort() : 0;
      remote = client == null ? peer : new InetSocketAddress(client.inet(), port);
      secure = own == null ? connection.isSecure() : own.scheme().equals("https");
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
      return remote;
    }

    @Override
    public boolean isSecure() {
      return secure;
    }
  }
}
