import Tensors
import Testing

@testable import ModelGraph

@Suite("ModelCatalog")
struct ModelCatalogTests {
    @Test("Every model's skeleton has the architecture and the features that the catalog says")
    func skeletons() throws {
        for model in ModelCatalog.all {
            let graph = model.skeleton()
            #expect(graph.architecture == model.architecture)
            let backbone = try Tailor(graph).cut().graph
            #expect(
                try backbone.shapes(height: 224, width: 224)[backbone.outputName] == .vector(model.featureDimension))
        }
    }

    @Test("Names are unique, and the file's name has the first digits of its SHA-256")
    func entries() {
        #expect(Set(ModelCatalog.all.map(\.name)).count == ModelCatalog.all.count)
        for model in ModelCatalog.all {
            #expect(model.weightsFile.contains("-\(model.sha256.prefix(8))."))
            #expect(model.sha256.count == 64 || model.sha256.count == 8)
        }
    }

    @Test("A name that is not known brings the nearest and the list")
    func unknownName() throws {
        #expect(try ModelCatalog.model(named: "resnet50-v2").weightsFile == "resnet50-11ad3fa6.pth")
        let error = #expect(throws: InputError.self) { try ModelCatalog.model(named: "ResNet-50") }
        #expect(error?.fact.contains("did you mean resnet50?") == true)
        #expect(error?.remedy.contains("efficientnet-lite0") == true)
    }
}
