// Tells which metrics and labels PromQL queries ask for: a JSON list of queries on standard input.
//
// What it says is a JSON list with an object for each: what is wrong with it, or what it selects.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

type selector struct {
	Metric string   `json:"metric"`
	Labels []string `json:"labels"`
}

type answer struct {
	Error     string     `json:"error,omitempty"`
	Selectors []selector `json:"selectors"`
	// Labels that are grouped or matched by, of whichever metric.
	Grouping []string `json:"grouping"`
}

func asked(query string) answer {
	found := answer{Selectors: []selector{}, Grouping: []string{}}
	expression, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		found.Error = err.Error()
		return found
	}
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		switch one := node.(type) {
		case *parser.VectorSelector:
			chosen := selector{Metric: one.Name, Labels: []string{}}
			for _, matcher := range one.LabelMatchers {
				if matcher.Name != labels.MetricName {
					chosen.Labels = append(chosen.Labels, matcher.Name)
				}
			}
			found.Selectors = append(found.Selectors, chosen)
		case *parser.AggregateExpr:
			found.Grouping = append(found.Grouping, one.Grouping...)
		case *parser.BinaryExpr:
			if one.VectorMatching != nil {
				found.Grouping = append(found.Grouping, one.VectorMatching.MatchingLabels...)
				found.Grouping = append(found.Grouping, one.VectorMatching.Include...)
			}
		}
		return nil
	})
	return found
}

func main() {
	var queries []string
	if err := json.NewDecoder(os.Stdin).Decode(&queries); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	answers := []answer{}
	for _, query := range queries {
		answers = append(answers, asked(query))
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
