package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// maxHops is more proxies than anybody puts in a row.
const maxHops = 16

// Proxies says which proxies stand before the shop, so that what they say of
// where a request comes from is believed, and what others say is not. The zero
// value believes nobody.
type Proxies struct {
	hops  int
	known []netip.Prefix
}

// ParseProxies reads a number of proxies in a row ("1"), or the networks and
// addresses that they are in ("10.0.0.0/8,192.0.2.7"). "" and "0" are none.
func ParseProxies(text string) (Proxies, error) {
	var p Proxies
	if text = strings.TrimSpace(text); text == "" {
		return p, nil
	}
	if n, err := strconv.Atoi(text); err == nil {
		if n < 0 || n > maxHops {
			return p, fmt.Errorf("%d proxies in a row are not possible: 0 to %d are", n, maxHops)
		}
		p.hops = n
		return p, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			addr, aerr := netip.ParseAddr(part)
			if aerr != nil {
				return Proxies{}, fmt.Errorf("%q is neither a number of proxies nor a network such as 10.0.0.0/8", part)
			}
			addr = addr.Unmap().WithZone("")
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		p.known = append(p.known, prefix.Masked())
	}
	return p, nil
}

// Origin returns the address that a request comes from: the other end of the
// connection, or, where that is a known proxy, the last address of
// X-Forwarded-For that no known proxy has. A header that says less than the
// proxies must have written is not believed. "" is nobody knows.
func (p Proxies) Origin(r *http.Request) string {
	peer, ok := parsePeer(r.RemoteAddr)
	if !ok {
		return ""
	}
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	if p.hops > 0 {
		if len(said) >= p.hops {
			if addr, ok := parsePeer(said[len(said)-p.hops]); ok {
				return addr.String()
			}
		}
		return peer.String()
	}
	for i := len(said) - 1; i >= 0 && p.knows(peer); i-- {
		addr, ok := parsePeer(said[i])
		if !ok {
			break
		}
		peer = addr
	}
	return peer.String()
}

func (p Proxies) knows(addr netip.Addr) bool {
	for _, prefix := range p.known {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// parsePeer reads an address with or without a port, in the one form that
// budgets count by.
func parsePeer(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		with, perr := netip.ParseAddrPort(text)
		if perr != nil {
			return netip.Addr{}, false
		}
		addr = with.Addr()
	}
	return addr.Unmap().WithZone(""), true
}
