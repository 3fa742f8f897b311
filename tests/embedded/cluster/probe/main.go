// The tests' pod: answers "pong" on :8080 and, on /resolve?name=X, what the cluster's DNS says of X.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

func resolve(reply http.ResponseWriter, request *http.Request) {
	bounded, cancel := context.WithTimeout(request.Context(), 5*time.Second)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(bounded, request.URL.Query().Get("name"))
	if err != nil {
		http.Error(reply, err.Error(), http.StatusNotFound)
		return
	}
	fmt.Fprintln(reply, strings.Join(addresses, " "))
}

// dial says whether a TCP connection from inside the pod succeeds.
func dial(reply http.ResponseWriter, request *http.Request) {
	link, err := net.DialTimeout("tcp", request.URL.Query().Get("address"), 2*time.Second)
	if err != nil {
		http.Error(reply, err.Error(), http.StatusBadGateway)
		return
	}
	link.Close()
	fmt.Fprintln(reply, "connected")
}

func main() {
	http.HandleFunc("/", func(reply http.ResponseWriter, _ *http.Request) { fmt.Fprintln(reply, "pong") })
	http.HandleFunc("/resolve", resolve)
	http.HandleFunc("/dial", dial)
	if err := http.ListenAndServe(":8080", nil); err != nil {
		panic(err)
	}
}
