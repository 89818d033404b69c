// SPDX-License-Identifier: Apache-2.0

// A SCEP server out of smallstep's certificate authority, as their own program puts it together, but for
// SCEP alone and without TLS: smallstep CONFIG.json. It listens where the configuration says
// (insecureAddress) and then writes "ready"; it ends with its standard input.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/go-chi/chi"
	"github.com/smallstep/certificates/authority"
	"github.com/smallstep/certificates/authority/config"
	"github.com/smallstep/certificates/scep"
	"github.com/smallstep/certificates/scep/api"
)

func handler(settings *config.Config) (http.Handler, error) {
	ca, err := authority.New(settings)
	if err != nil {
		return nil, err
	}
	service, err := scep.New(ca, scep.AuthorityOptions{Service: ca.GetSCEPService(), Prefix: "scep"})
	if err != nil {
		return nil, err
	}
	mux := chi.NewRouter()
	mux.Route("/scep", func(router chi.Router) { api.New(service).Route(router) })
	return mux, nil
}

func main() {
	settings, err := config.LoadConfiguration(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	served, err := handler(settings)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", settings.InsecureAddress)
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(listener, served)
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
}
