package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/ref"
)

func loginOf(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// hireable refuses what is no login, before anything is opened for it.
func hireable(email string) error {
	if _, err := member.EmailKey(loginOf(email)); email != "" && err != nil {
		return fmt.Errorf("--hire: %q is no e-mail address: %w", email, err)
	}
	return nil
}

// hire makes somebody an owner, who may hire the others. Whoever is employed
// already stays as is, and no password is asked for.
func (h *house) hire(ctx context.Context, email, password string, stdin io.Reader) error {
	login := loginOf(email)
	_, err := h.stores.Staff.FindLogin(ctx, login)
	if err == nil || !errors.Is(err, fault.NotFound) {
		return err
	}
	if password == "" {
		if password, err = firstLine(stdin); err != nil {
			return fmt.Errorf("--hire: the password cannot be read: %w", err)
		}
	}
	if password == "" {
		return errors.New("--hire: set STAFF_PASSWORD, or write the password to the standard input")
	}
	_, err = h.market.Staff.Hire(ctx, ref.System(), access.HireInput{Login: login, Password: password, Roles: []access.Role{access.Owner}})
	if err != nil && !errors.Is(err, fault.AlreadyExists) { // which another start was quicker to write
		return fmt.Errorf("--hire: %w", err)
	}
	return nil
}

// firstLine reads a line, of which no more than a password too long is kept.
func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 2*member.MaxPassword)).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

// warnOfDemo says that everybody who reaches the address knows the passwords.
func warnOfDemo(ctx context.Context, log *slog.Logger, addr net.Addr) {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsLoopback() {
		return
	}
	log.WarnContext(ctx, "the demo listens beyond this machine, and its passwords are published: anybody who reaches it can sign in as staff",
		"addr", addr.String())
}
