package ingest

import "net/http"

// What follows is what clients ask before they send: all of them look at the
// version or at the product's name, Filebeat at the licence and whether there
// is lifecycle management, winston-elasticsearch at the health.

// version is the Elasticsearch whose calls are answered.
const version = "7.17.29"

// noUUID stands where a cluster has an identity.
const noUUID = "AAAAAAAAAAAAAAAAAAAAAA"

func (e *Endpoint) about(w http.ResponseWriter, r *http.Request) error {
	reply(w, r, http.StatusOK, object{
		"name": "jikimi", "cluster_name": "jikimi", "cluster_uuid": noUUID,
		"version": object{
			"number": version, "build_flavor": "default", "build_type": "tar", "build_hash": "0",
			"build_date": "1970-01-01T00:00:00.000Z", "build_snapshot": false, "lucene_version": "8.11.3",
			"minimum_wire_compatibility_version": "6.8.0", "minimum_index_compatibility_version": "6.0.0-beta1",
		},
		"tagline": "You Know, for Search",
	})
	return nil
}

func (e *Endpoint) license(w http.ResponseWriter, r *http.Request) error {
	reply(w, r, http.StatusOK, object{"license": object{
		"status": "active", "type": "basic", "uid": "00000000-0000-0000-0000-000000000000", "issued_to": "jikimi", "issuer": "elasticsearch",
		"issue_date": "1970-01-01T00:00:00.000Z", "issue_date_in_millis": 0, "start_date_in_millis": -1, "max_nodes": 1000, "max_resource_units": nil,
	}})
	return nil
}

func (e *Endpoint) features(w http.ResponseWriter, r *http.Request) error {
	reply(w, r, http.StatusOK, object{
		"build":    object{"hash": "0", "date": "1970-01-01T00:00:00.000Z"},
		"license":  object{"uid": "00000000-0000-0000-0000-000000000000", "type": "basic", "mode": "basic", "status": "active"},
		"features": object{"ilm": object{"available": true, "enabled": true}},
		"tagline":  "You know, for X",
	})
	return nil
}

func (e *Endpoint) health(w http.ResponseWriter, r *http.Request) error {
	reply(w, r, http.StatusOK, object{
		"cluster_name": "jikimi", "status": "green", "timed_out": false, "number_of_nodes": 1, "number_of_data_nodes": 1,
		"active_primary_shards": 1, "active_shards": 1, "relocating_shards": 0, "initializing_shards": 0, "unassigned_shards": 0,
		"delayed_unassigned_shards": 0, "number_of_pending_tasks": 0, "number_of_in_flight_fetch": 0,
		"task_max_waiting_in_queue_millis": 0, "active_shards_percent_as_number": 100.0,
	})
	return nil
}
