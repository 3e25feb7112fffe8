import FeatureStorage
import Foundation
import Tensors
import Testing

@Suite("A feature space") struct FeatureSpaceTests {
    @Test("has a fingerprint of what decides the numbers, and of nothing else")
    func fingerprint() throws {
        let space = Sample.space()
        let renamed = FeatureSpace(
            name: "other", fields: space.fields, dimension: space.dimension, recipe: ["weights": "/w"])
        #expect(renamed.fingerprint == space.fingerprint)
        #expect(Sample.space("232").fingerprint != space.fingerprint)
        #expect(Sample.space(dimension: 25).fingerprint != space.fingerprint)
        let json =
            #"{"dimension":24,"fields":{"cut":"pool","model.tensors":"abc","preprocessing.crop":"224"},"rowType":"f16"}"#
        #expect(space.fingerprint == Fingerprint(of: Data(json.utf8)))
    }

    @Test("lists its differences from another, sorted")
    func differences() {
        let left = FeatureSpace(name: "a", fields: ["z": "1", "cut": "pool"], dimension: 8)
        let right = FeatureSpace(name: "b", fields: ["z": "2", "gem": "3"], dimension: 9)
        #expect(
            left.differences(from: right) == [
                "cut: pool here, not set there", "dimension: 8 here, 9 there", "gem: not set here, 3 there",
                "z: 1 here, 2 there",
            ])
        #expect(left.differences(from: left).isEmpty)
    }

    @Test("survives JSON, and JSON with an absurd dimension is refused")
    func json() throws {
        let data = try CanonicalJSON.encode(Sample.space())
        #expect(try JSONDecoder().decode(FeatureSpace.self, from: data) == Sample.space())
        let text = String(decoding: data, as: UTF8.self)
        for dimension in ["0", "-3", "1048577", "9223372036854775807"] {
            let hostile = text.replacingOccurrences(of: "\"dimension\":24", with: "\"dimension\":\(dimension)")
            #expect(hostile != text)
            #expect(throws: (any Error).self) { try JSONDecoder().decode(FeatureSpace.self, from: Data(hostile.utf8)) }
        }
    }
}
