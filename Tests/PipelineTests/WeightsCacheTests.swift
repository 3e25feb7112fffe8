import Foundation
import ModelGraph
import Tensors
import Testing

@testable import Pipeline

@Suite("WeightsCache")
struct WeightsCacheTests {
    @Test("The environment decides the folder")
    func folder() {
        #expect(WeightsCache.standard(environment: ["FINETUNER_CACHE_HOME": "/x"]).home.path == "/x")
        #expect(WeightsCache.standard(environment: ["HOME": "/h"]).home.path == "/h/.cache/finetuner-cache")
    }

    @Test("A file that is not the published one is refused by its SHA-256")
    func wrongFile() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        let cache = WeightsCache(home: folder.url)
        let model = try ModelCatalog.model(named: "resnet18")
        try folder.write(Data("not these".utf8), "weights/\(model.weightsFile)")
        #expect(cache.contains(model))
        let error = #expect(throws: InputError.self) { try cache.weights(of: model) }
        #expect(error?.description.contains("SHA-256") == true)
    }
}
