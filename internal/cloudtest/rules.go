// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// RoleMapping gives roles to people who sign in through SSO.
type RoleMapping struct {
	Name    string
	Enabled bool
	Rule    Rule
	Grants  []string
}

// Rule says which people a role mapping matches: people who meet one of the conditions
// of Any, or all conditions of All.
type Rule struct {
	Any, All []Condition
}

// Condition is a pattern for a group or for an e-mail address. In a pattern, * matches
// zero or more characters.
type Condition struct {
	Group, Email string
}

// AnyOf returns the rule that matches people who meet one of the conditions.
func AnyOf(conditions ...Condition) Rule { return Rule{Any: conditions} }

// AllOf returns the rule that matches people who meet all of the conditions.
func AllOf(conditions ...Condition) Rule { return Rule{All: conditions} }

// Group returns the condition that a person is in a group.
func Group(pattern string) Condition { return Condition{Group: pattern} }

// Email returns the condition that a person has an e-mail address.
func Email(pattern string) Condition { return Condition{Email: pattern} }

// rule writes a rule. The order of conditions has no meaning.
func (w writer) rule(r Rule) ruleWire {
	write := func(conditions []Condition) *[]conditionWire {
		if conditions == nil {
			return nil
		}
		written := []conditionWire{}
		for _, condition := range conditions {
			if condition.Group != "" {
				written = append(written, conditionWire{Group: &condition.Group})
			} else {
				pattern := condition.Email
				if w.lowerPatterns {
					pattern = fold(pattern)
				}
				written = append(written, conditionWire{Email: &pattern})
			}
		}
		written = shuffle(w, written)
		return &written
	}
	return ruleWire{Any: write(r.Any), All: write(r.All)}
}

func decodeRule(wire ruleWire) (Rule, *apiError) {
	if (wire.Any == nil) == (wire.All == nil) {
		return Rule{}, ruleError("ambiguous_rule", "rule", "a rule has either any or all")
	}
	conditions := []Condition{}
	for i, w := range append(deref(wire.Any), deref(wire.All)...) {
		field := fmt.Sprintf("rule[%d]", i)
		switch {
		case (w.Group == nil) == (w.Email == nil):
			return Rule{}, ruleError("ambiguous_rule", field, "a condition has either a group or an e-mail address")
		case w.Group != nil && strings.TrimSpace(*w.Group) == "":
			return Rule{}, ruleError("syntax_error", field, "a group is empty")
		case w.Group != nil:
			conditions = append(conditions, Condition{Group: *w.Group})
		case !validEmailPattern(*w.Email):
			return Rule{}, ruleError("email_syntax_error", field, "%q is not a pattern of an e-mail address", *w.Email)
		default:
			conditions = append(conditions, Condition{Email: *w.Email})
		}
	}
	if len(conditions) == 0 {
		return Rule{}, ruleError("empty_rule", "rule", "a rule needs a condition")
	}
	if wire.Any != nil {
		return Rule{Any: conditions}, nil
	}
	return Rule{All: conditions}, nil
}

// validEmailPattern reports whether a pattern can match an address.
func validEmailPattern(pattern string) bool {
	return pattern != "" && !strings.ContainsAny(pattern, " ,;<>\t\n") &&
		strings.Count(pattern, "@") <= 1 && strings.ContainsAny(pattern, "@*")
}

// matches reports whether the rule matches a person.
func (r Rule) matches(email string, groups []string) bool {
	meets := func(c Condition) bool {
		if c.Email != "" {
			return matchPattern(fold(c.Email), fold(email))
		}
		return slices.ContainsFunc(groups, func(group string) bool { return matchPattern(c.Group, group) })
	}
	if len(r.All) > 0 {
		return !slices.ContainsFunc(r.All, func(c Condition) bool { return !meets(c) })
	}
	return slices.ContainsFunc(r.Any, meets)
}

// matchPattern matches a pattern in which * is zero or more characters.
func matchPattern(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	first, rest := parts[0], parts[1:]
	text, ok := strings.CutPrefix(text, first)
	if !ok || len(rest) == 0 {
		return ok && text == ""
	}
	for _, part := range rest[:len(rest)-1] {
		if _, text, ok = strings.Cut(text, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(text, rest[len(rest)-1])
}

// mappedRoles returns what the enabled mappings give to a person, and reports whether
// there is such a mapping.
func (s *Server) mappedRoles(o *organization, email string, groups []string) (roles roleList, decided bool) {
	var held holding
	for _, m := range o.now.mappingsInOrder() {
		decided = decided || m.enabled
		if m.enabled && m.rule.matches(email, groups) {
			held = s.plus(held, m.list())
		}
	}
	return held.list(), decided
}

// AddRoleMapping adds a role mapping in the console. It does not check who gets
// organization-admin afterwards.
func (s *Server) AddRoleMapping(name string, enabled bool, rule Rule, grants ...string) {
	s.helper()
	s.verb(func(o *organization) error {
		if _, taken := o.now.roleMappings[name]; taken {
			return fmt.Errorf("there is a role mapping %q already", name)
		}
		s.counter++
		return s.putRoleMapping(o, RoleMapping{name, enabled, rule, grants}, s.counter)
	})
}

// ChangeRoleMapping changes a role mapping in the console, including its name.
func (s *Server) ChangeRoleMapping(name string, change func(*RoleMapping)) {
	s.helper()
	s.verb(func(o *organization) error {
		old, ok := o.now.roleMappings[name]
		if !ok {
			return fmt.Errorf("there is no role mapping %q", name)
		}
		m := old.show()
		change(&m)
		if _, taken := o.now.roleMappings[m.Name]; taken && m.Name != name {
			return fmt.Errorf("there is a role mapping %q already", m.Name)
		}
		if err := s.putRoleMapping(o, m, old.number); err != nil {
			return err
		}
		if m.Name != name {
			delete(o.now.roleMappings, name)
			s.changed(o)
		}
		return nil
	})
}

func (s *Server) putRoleMapping(o *organization, m RoleMapping, number int) error {
	roles, err := parseRoles(m.Grants)
	if err != nil {
		return err
	}
	if m.Name == "" || (len(m.Rule.Any) == 0) == (len(m.Rule.All) == 0) {
		return errors.New("a role mapping needs a name, and a rule with either Any or All")
	}
	rule := Rule{Any: slices.Clone(m.Rule.Any), All: slices.Clone(m.Rule.All)}
	o.now.roleMappings[m.Name] = roleMapping{holding: s.hold(roles), name: m.Name, enabled: m.Enabled, rule: rule, number: number}
	s.changed(o)
	return nil
}

// RemoveRoleMapping deletes a role mapping in the console. It does not check who gets
// organization-admin afterwards.
func (s *Server) RemoveRoleMapping(name string) {
	s.helper()
	s.verb(func(o *organization) error {
		if _, ok := o.now.roleMappings[name]; !ok {
			return fmt.Errorf("there is no role mapping %q", name)
		}
		delete(o.now.roleMappings, name)
		s.changed(o)
		return nil
	})
}

// RoleMappings returns the role mappings, sorted by name.
func (s *Server) RoleMappings() []RoleMapping {
	s.mu.Lock()
	defer s.mu.Unlock()
	mappings := []RoleMapping{}
	byName := s.organizations[0].now.roleMappings
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		mappings = append(mappings, byName[name].show())
	}
	return mappings
}

func (m roleMapping) show() RoleMapping {
	rule := Rule{Any: slices.Clone(m.rule.Any), All: slices.Clone(m.rule.All)}
	return RoleMapping{Name: m.name, Enabled: m.enabled, Rule: rule, Grants: m.texts()}
}
