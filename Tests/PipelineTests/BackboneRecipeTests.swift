import ImageInput
import ModelGraph
import Tensors
import Testing

@testable import Pipeline

@Suite("BackboneRecipe")
struct BackboneRecipeTests {
    @Test("A recipe survives the strings of a store")
    func roundTrip() throws {
        let plain = BackboneRecipe(weights: .named("resnet50"))
        let rich = BackboneRecipe(
            weights: .file("/w.pth"), cut: "layer3", pool: .max, preprocessing: "torchvision-v2", exif: .ignore)
        for recipe in [plain, rich] { #expect(try BackboneRecipe(strings: recipe.strings) == recipe) }
    }

    @Test("Features that no model here can make are an error")
    func imported() {
        #expect(throws: InputError.self) { try BackboneRecipe(strings: [:]) }
    }
}
